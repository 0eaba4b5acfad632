// stop and finish: every way out, to the lamport.
import assert from "node:assert/strict";

import * as obelisk from "../client/obelisk.mjs";
import { everywhere, RATE, ROLE, swapAccount, withData } from "./harness.mjs";

const { BOND_LAMPORTS, earned, fee, HOW, STATE } = obelisk;
const HELD = RATE + BOND_LAMPORTS;
const split = (seconds) => {
  const total = earned(RATE, seconds);
  return { host: total - fee(total, 250), treasury: fee(total, 250), all: total };
};
const stop = (world, lease, how, changes = {}) => world.call("stop", lease, { how, ...changes });

// Runs one instruction and checks who got what, on the accounts and in the event.
async function expectPaid(world, lease, instruction, { seconds, renter, state, stoppedAt }) {
  let event;
  const changes = await world.changes(async () => {
    [event] = (await world.good(instruction)).events;
  });
  const { host, treasury } = split(seconds);
  assert.deepEqual([changes.host, changes.treasury, changes.renter], [host, treasury, renter]);
  assert.deepEqual([event.toHost, event.toTreasury, event.toRenter], [host, treasury, renter]);
  assert.deepEqual([changes.attestor, changes.operator, changes.stranger], [0n, 0n, 0n]);
  assert.equal(event.lease, lease);
  assert.equal(event.state, state);
  assert.equal(event.stoppedAt, stoppedAt);
  assert.equal(world.exists(lease), state !== STATE.closed);
}

everywhere("0: the renter was served till now, at any gap", async (world) => {
  const lease = await world.lease();
  world.pass(1234);
  await expectPaid(world, lease, stop(world, lease, HOW.served), {
    seconds: 1234, renter: HELD - split(1234).all, state: STATE.closed, stoppedAt: world.now });
});

everywhere("0: past the end everything is earned", async (world) => {
  const lease = await world.lease();
  const end = world.now + 3600n;
  world.pass(5000);
  await expectPaid(world, lease, stop(world, lease, HOW.served), {
    seconds: 3600, renter: BOND_LAMPORTS, state: STATE.closed, stoppedAt: end });
});

everywhere("0: right after ready costs nothing", async (world) => {
  const lease = await world.lease();
  await expectPaid(world, lease, stop(world, lease, HOW.served), {
    seconds: 0, renter: HELD, state: STATE.closed, stoppedAt: world.now });
});

everywhere("1: with a fresh proof in the same transaction it is final", async (world) => {
  const lease = await world.lease();
  world.pass(600);
  const before = world.balance("renter");
  await world.good(world.claim(lease, world.now), stop(world, lease, HOW.dispute));
  assert.equal(world.exists(lease), false);
  assert.equal(world.balance("renter") - before, HELD - split(600).all);
});

everywhere("1: a disputed gap waits, the future comes back at once", async (world) => {
  const lease = await world.lease();
  world.pass(600);
  await expectPaid(world, lease, stop(world, lease, HOW.dispute), {
    seconds: 0, renter: RATE - split(600).all, state: STATE.closing, stoppedAt: world.now });
  const { windowEnds, stoppedAt } = world.read(lease);
  assert.equal(windowEnds, world.now + 21_600n);
  await world.bad("WRONG_STATE", stop(world, lease, HOW.dispute));
  await world.bad("TOO_EARLY", world.call("finish", lease));
  world.pass(21_600);
  await world.bad("TOO_EARLY", world.call("finish", lease));
  world.pass(1);
  await expectPaid(world, lease, world.call("finish", lease), {
    seconds: 0, renter: split(600).all + BOND_LAMPORTS, state: STATE.closed, stoppedAt });
});

everywhere("1: a proof within the window pays the host; up to S it closes", async (world) => {
  const lease = await world.lease();
  const start = world.now;
  world.pass(600);
  await world.good(stop(world, lease, HOW.dispute));
  world.pass(5);
  await world.good(world.claim(lease, start + 300n));
  assert.equal(world.read(lease).state, STATE.closing);
  const last = await world.changes(() => world.good(world.claim(lease, start + 99_999n)));
  assert.equal(last.host, split(600).host - split(300).host);
  assert.equal(last.renter, BOND_LAMPORTS);
  assert.equal(world.exists(lease), false);
});

everywhere("2: the host waives the gap", async (world) => {
  const lease = await world.lease();
  const proven = world.now + 100n;
  world.pass(600);
  await world.good(world.claim(lease, proven));
  const changes = await world.changes(() => world.good(stop(world, lease, HOW.waive)));
  assert.deepEqual([changes.host, changes.renter], [0n, HELD - split(100).all]);
  assert.equal(world.exists(lease), false);
});

everywhere("3: within the limit a dark host is paid to its last proof", async (world) => {
  const lease = await world.lease();
  const start = world.now;
  world.pass(280);
  const before = world.balance("renter");
  await world.good(world.claim(lease, start + 100n), stop(world, lease, HOW.dark));
  assert.equal(world.exists(lease), false);
  assert.equal(world.balance("renter") - before, HELD - split(100).all);
});

everywhere("3: past the limit it is contested, and no second dark ends it", async (world) => {
  const lease = await world.lease();
  world.pass(181);
  await expectPaid(world, lease, stop(world, lease, HOW.dark), {
    seconds: 0, renter: RATE - split(181).all, state: STATE.closing, stoppedAt: world.now });
  await world.bad("TOO_EARLY", stop(world, lease, HOW.dark));
  const { stoppedAt } = world.read(lease);
  await expectPaid(world, lease, stop(world, lease, HOW.served), {
    seconds: 181, renter: BOND_LAMPORTS, state: STATE.closed, stoppedAt });
});

everywhere("stop refuses", async (world) => {
  const lease = await world.lease();
  world.pass(60);
  for (const how of [HOW.served, HOW.dispute]) {
    await world.bad("NOT_SIGNER", swapAccount(stop(world, lease, how), 1, { role: ROLE.WRITABLE }));
  }
  await world.bad("NOT_SIGNER",
    swapAccount(stop(world, lease, HOW.waive), 2, { role: ROLE.WRITABLE }));
  await world.bad("NOT_SIGNER",
    swapAccount(stop(world, lease, HOW.dark), 4, { role: ROLE.READONLY }));
  await world.bad("WRONG_KEY",
    stop(world, lease, HOW.dark, { attestor: world.address("stranger") }));
  for (const party of ["renter", "host", "treasury"]) {
    await world.bad("WRONG_KEY",
      stop(world, lease, HOW.served, { [party]: world.address("stranger") }));
  }
  const good = stop(world, lease, HOW.served);
  for (const index of [0, 1, 2, 3]) {
    const role = good.accounts[index].role & ROLE.READONLY_SIGNER; // as it was, but not writable
    await world.bad("NOT_WRITABLE", swapAccount(good, index, { role }));
    await world.bad("NOT_WRITABLE", swapAccount(world.call("finish", lease), index, { role: 0 }));
  }
  await world.bad("BAD_DATA", withData(good, [7, 4]));
  await world.bad("BAD_DATA", withData(good, [7]));
  await world.bad("BAD_COUNT", withData(good, [7, 3]));
  await world.bad("BAD_COUNT", withData(stop(world, lease, HOW.dark), [7, 0]));
  await world.bad("DUPLICATE_ACCOUNT",
    stop(world, lease, HOW.served, { host: world.address("renter") }));
  const funded = await world.lease({}, { ready: false });
  for (const how of [0, 1, 2, 3]) await world.bad("WRONG_STATE", stop(world, funded, how));
});

everywhere("finish at the proven end closes", async (world) => {
  const lease = await world.lease();
  const start = world.now;
  world.pass(3599);
  await world.bad("TOO_EARLY", world.call("finish", lease));
  world.pass(1);
  await world.good(world.claim(lease, start + 3600n));
  const changes = await world.changes(() => world.good(world.call("finish", lease)));
  assert.deepEqual([changes.host, changes.renter], [0n, BOND_LAMPORTS]);
  assert.equal(world.exists(lease), false);
});

everywhere("finish with a gap at the end contests it", async (world) => {
  const lease = await world.lease();
  const start = world.now;
  world.pass(4000);
  await world.good(world.claim(lease, start + 3500n));
  const changes = await world.changes(() => world.good(world.call("finish", lease)));
  assert.equal(changes.renter, 0n);
  const { state, stoppedAt } = world.read(lease);
  assert.deepEqual([state, stoppedAt], [STATE.closing, start + 3600n]);
  world.pass(21_601);
  const last = await world.changes(() => world.good(world.call("finish", lease)));
  assert.equal(last.renter, RATE - split(3500).all + BOND_LAMPORTS);
  const funded = await world.lease({}, { ready: false });
  await world.bad("WRONG_STATE", world.call("finish", funded));
});

everywhere("lamports sent to a lease are the renter's in the end", async (world) => {
  const lease = await world.lease();
  world.fund(lease, 5_000_000n);
  world.pass(60);
  const changes = await world.changes(() => world.good(stop(world, lease, HOW.served)));
  assert.equal(changes.renter, HELD - split(60).all + 5_000_000n);
});

everywhere("a renter whose wallet is empty still gets everything at the close", async (world) => {
  const lease = await world.lease();
  world.pass(600);
  const empty = world.svm.getAccount(world.address("renter"));
  world.svm.setAccount({ ...empty, lamports: 0n });
  await world.good(stop(world, lease, HOW.served));
  assert.equal(world.balance("renter"), HELD - split(600).all);
});
