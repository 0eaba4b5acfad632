// The chain's rent changes while leases are open: the bond is rent at its highest, so no quote
// moves and no payout is blocked, whichever way it goes.
import assert from "node:assert/strict";

import { litesvm } from "../client/deps.mjs";
import * as obelisk from "../client/obelisk.mjs";
import { everywhere, RATE } from "./harness.mjs";

const { BOND_LAMPORTS, earned, fee, HOW } = obelisk;
const { Rent } = await litesvm();
const HIGHEST = 6960n; // lamports a byte
const setRent = (world, perByte) => world.svm.setRent(new Rent(perByte, 1, 50));

const EXITS = {
  "stopped by the renter": async (world, lease) =>
    world.good(world.call("stop", lease, { how: HOW.served })),
  "waived by the host": async (world, lease) =>
    world.good(world.claim(lease, world.now), world.call("stop", lease, { how: HOW.waive })),
  "contested and proven": async (world, lease) => {
    const now = world.now;
    await world.good(world.call("stop", lease, { how: HOW.dispute }));
    assert.equal(world.balance(lease), BOND_LAMPORTS + earned(RATE, 600));
    await world.good(world.claim(lease, now));
  },
};

for (const [what, before, after] of [
  ["falls to a tenth", HIGHEST, HIGHEST / 10n], ["rises tenfold", HIGHEST / 10n, HIGHEST],
]) {
  everywhere(`rent ${what}: a lease costs and pays the same`, async (world) => {
    for (const [exit, leave] of Object.entries(EXITS)) {
      setRent(world, before);
      const changes = await world.changes(async () => {
        const lease = await world.lease();
        assert.equal(world.balance(lease), RATE + BOND_LAMPORTS);
        world.pass(600);
        setRent(world, after);
        await leave(world, lease);
        assert.equal(world.exists(lease), false);
      });
      const total = earned(RATE, 600);
      assert.deepEqual([changes.renter, changes.host, changes.treasury],
        [-total, total - fee(total, 250), fee(total, 250)], exit);
    }
  });
}

everywhere("at its highest, rent leaves a contested lease exactly alive", async (world) => {
  const lease = await world.lease({ rate: 1n, seconds: 60, maxSeconds: 60 });
  world.pass(30);
  await world.good(world.call("stop", lease, { how: HOW.dispute }));
  assert.equal(world.balance(lease), BOND_LAMPORTS);
  assert.equal(world.svm.minimumBalanceForRentExemption(296n), BOND_LAMPORTS);
  // A lamport more a byte, and the runtime would refuse the same: the price is at its edge.
  const other = await world.lease({ rate: 1n, seconds: 60, maxSeconds: 60 });
  world.pass(30);
  setRent(world, HIGHEST + 1n);
  const purchase = await world.purchase({ rate: 1n, seconds: 60, maxSeconds: 60 });
  assert.equal((await world.send([obelisk.open(purchase)])).failed, true);
  await world.good(world.call("stop", other, { how: HOW.served }));
});
