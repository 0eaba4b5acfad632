// What each instruction costs in compute units, against the protocol's ceilings. The figures are
// printed, so that a change of cost is seen before it reaches a ceiling. `./dev cu` takes the same
// measure of more keys.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";

import { FEATURES } from "./harness.mjs";
import { CEILING, ceilingOf, measure, NAMES } from "./units/measure.mjs";

const KEYS = 5;

for (const features of FEATURES) {
  test(`every path stays below its ceiling (${features} features)`, async (t) => {
    const seed = randomBytes(4).toString("hex");
    t.diagnostic(`repeat: ./dev cu --keys ${KEYS} --seed ${seed} --features ${features}`);
    const { figures, elfBytes } = await measure({ features, keys: KEYS, seed });
    for (const name of NAMES) {
      const ceiling = ceilingOf(name);
      t.diagnostic(`${name}: ${figures[name].worst} CU${ceiling ? ` of ${ceiling}` : ""}`);
      if (ceiling) assert.ok(figures[name].worst <= ceiling, `${name} is above ${ceiling}`);
    }
    t.diagnostic(`file: ${elfBytes} bytes`);
  });
}

test("every instruction on a lease has a ceiling, and so has every path of it", () => {
  const without = NAMES.filter((name) => !ceilingOf(name));
  assert.deepEqual(without, ["create_market", "update_market"]);
  assert.deepEqual(Object.keys(CEILING).filter((name) => !NAMES.includes(name)), []);
});
