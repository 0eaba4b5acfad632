// Every account and every byte of every instruction bent, one at a time: wrong key, wrong owner,
// unsigned, read-only, duplicated, too short, of another type; cut and padded data; wrong terms,
// wrong state, wrong time, false proofs. The exact code, no lamport moved. hostile/cases.mjs is the
// table.
import assert from "node:assert/strict";
import { test } from "node:test";

import { FEATURES } from "./harness.mjs";
import { bendsOf, HARMLESS, RUNTIME } from "./hostile/bends.mjs";
import { CASES } from "./hostile/cases.mjs";
import { play, playUnbent, prepare } from "./hostile/play.mjs";
import { Stage } from "./hostile/stage.mjs";

for (const features of FEATURES) {
  const stage = await Stage.make(features);
  for (const it of CASES) {
    const name = `${it.name}: each bend gets its code and moves nothing (${features} features)`;
    test(name, async (t) => {
      const built = await prepare(stage, it);
      const unbent = await playUnbent(stage, it, built);
      const counts = { [HARMLESS]: 0, [RUNTIME]: 0, refused: 0 };
      for (const bend of bendsOf(it, built.length)) {
        const outcome = await play(stage, it, built, [bend], unbent);
        counts[outcome in counts ? outcome : "refused"] += 1;
      }
      await playUnbent(stage, it, built); // and the stage is still what it was
      assert.ok(counts.refused >= 30, "a table that hardly bends anything proves nothing");
      t.diagnostic(`${counts.refused} refused by the program, ${counts[RUNTIME]} by the runtime, ` +
        `${counts[HARMLESS]} let through to the same lamport`);
    });
  }
}
