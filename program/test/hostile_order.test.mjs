// Two things wrong at once: the lower code of the two is the answer, whichever they are. Pairs of
// the bends of hostile/bends.mjs that touch different places and carry different codes, every other
// pair with mainnet's features and the rest with all: each bend alone has run with both.
import assert from "node:assert/strict";
import { test } from "node:test";

import { FEATURES } from "./harness.mjs";
import { bendsOf, isLast } from "./hostile/bends.mjs";
import { CASES } from "./hostile/cases.mjs";
import { play, playUnbent, prepare } from "./hostile/play.mjs";
import { Stage } from "./hostile/stage.mjs";

// One bend for each code at each place stands for the others of its sort.
function representatives(bends) {
  const chosen = new Map();
  for (const bend of bends) {
    if (typeof bend.code !== "number" || bend.onChain) continue;
    // Bends of the shape are stronger than all others, and a repeated account is one wherever the
    // first stands: one of each will do.
    const key = `${isLast(bend) ? "" : bend.places[0]} ${bend.code}`;
    if (!chosen.has(key)) chosen.set(key, bend);
  }
  return [...chosen.values()];
}

const meet = (a, b) => a.code === b.code || a.places.some((place) => b.places.includes(place));
const pairsOf = (bends) =>
  bends.flatMap((a, i) => bends.slice(i + 1).filter((b) => !meet(a, b)).map((b) => [a, b]));

// The cases that run the same checks as another, in another state.
const REPEATED = ["open (at a pre-funded address)", "claim (closing)", "stop (served, closing)",
  "stop (waive, closing)", "finish (closing)"];

for (const [turn, features] of FEATURES.entries()) {
  const stage = await Stage.make(features);
  for (const it of CASES.filter(({ name }) => !REPEATED.includes(name))) {
    const name = `${it.name}: of two errors the lower code is returned (${features} features)`;
    test(name, async (t) => {
      const built = await prepare(stage, it);
      const unbent = await playUnbent(stage, it, built);
      const pairs = pairsOf(representatives(bendsOf(it, built.length)));
      const mine = pairs.filter((_, i) => i % FEATURES.length === turn);
      for (const pair of mine) await play(stage, it, built, pair, unbent);
      await playUnbent(stage, it, built);
      assert.ok(pairs.length >= 20, "too few pairs to say anything of the order");
      t.diagnostic(`${mine.length} of ${pairs.length} pairs`);
    });
  }
}
