// What each instruction costs in compute units, against the protocol's ceilings. The figures are
// printed, so that a change of cost is seen before it reaches a ceiling.
import assert from "node:assert/strict";
import { test } from "node:test";

import * as obelisk from "../client/obelisk.mjs";
import { elf, FEATURES, World } from "./harness.mjs";

const CEILING = {
  open: 2300, "open (pre-funded)": 4800, extend: 1900, ready: 600, cancel: 600, claim: 1200,
  stop: 800, finish: 800,
};

async function measure(world) {
  const figures = {};
  const run = async (name, ...instructions) => {
    const { units } = await world.good(...instructions);
    figures[name] = Number(units);
  };
  const stop = (lease, how) => world.call("stop", lease, { how });

  const first = await world.purchase();
  await run("open", obelisk.open(first));
  await run("ready", world.call("ready", first.lease));
  world.pass(600);
  await run("extend", world.call("extend", first.lease, { totalSeconds: 7000 }));
  await run("claim", world.claim(first.lease, world.now - 5n));
  await run("claim (again)", world.claim(first.lease, world.now - 3n));
  await run("stop (disputed)", stop(first.lease, obelisk.HOW.dispute));
  await run("claim (closes)", world.claim(first.lease, world.now));

  for (const [name, how] of Object.entries(obelisk.HOW)) {
    const lease = await world.lease();
    world.pass(100);
    if (how !== obelisk.HOW.dispute) await run(`stop (${name})`, stop(lease, how));
  }
  const dark = await world.lease();
  world.pass(300);
  await run("stop (dark, contested)", stop(dark, obelisk.HOW.dark));
  world.pass(30_000);
  await run("finish (after the window)", world.call("finish", dark));

  const gap = await world.lease();
  world.pass(3600);
  await run("finish (contested)", world.call("finish", gap));
  const proven = await world.lease();
  world.pass(3600);
  await world.good(world.claim(proven, world.now));
  await run("finish (proven)", world.call("finish", proven));

  const cancelled = await world.lease({}, { ready: false });
  await run("cancel (renter)", world.call("cancel", cancelled, { renterSigns: true }));
  const prefunded = await world.purchase();
  world.fund(prefunded.lease, 1_000_000n);
  await run("open (pre-funded)", obelisk.open(prefunded));
  world.pass(61);
  await run("cancel (anyone)", world.call("cancel", prefunded.lease, { renterSigns: false }));
  await run("update_market", world.updateMarket({}));
  return figures;
}

const ceilingOf = (name) => CEILING[name] ?? CEILING[name.replace(/ \(.*/, "")];

for (const features of FEATURES) {
  test(`every instruction stays below its ceiling (${features} features)`, async (t) => {
    const figures = await measure(await World.make(features));
    for (const [name, units] of Object.entries(figures)) {
      const ceiling = ceilingOf(name);
      t.diagnostic(`${name}: ${units} CU${ceiling ? ` of ${ceiling}` : ""}`);
      if (ceiling) assert.ok(units <= ceiling, `${name}: ${units} CU is above ${ceiling}`);
    }
    for (const name of Object.keys(CEILING)) {
      assert.ok(Object.keys(figures).some((key) => ceilingOf(key) === CEILING[name]), name);
    }
    t.diagnostic(`file: ${elf.length} bytes`);
  });
}
