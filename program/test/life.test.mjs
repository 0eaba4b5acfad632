// ready, cancel and extend: a lease from its opening to its running.
import assert from "node:assert/strict";

import * as obelisk from "../client/obelisk.mjs";
import { everywhere, RATE, ROLE, START, swapAccount, wallets } from "./harness.mjs";

const { BOND_LAMPORTS, STATE } = obelisk;

everywhere("ready starts the clock and moves nothing", async (world) => {
  const lease = await world.lease({}, { ready: false });
  world.pass(7);
  const changes = await world.changes(async () => {
    const { events } = await world.good(world.call("ready", lease));
    assert.equal(events[0].tag, 3);
    assert.equal(events[0].state, STATE.active);
    assert.equal(events[0].provenUntil, START + 7n);
  });
  assert.deepEqual(Object.values(changes), [0n, 0n, 0n, 0n, 0n, 0n]);
  const { state, startedAt, provenUntil } = world.read(lease);
  assert.deepEqual([state, startedAt, provenUntil], [STATE.active, START + 7n, START + 7n]);
});

everywhere("ready and the late cancel never hold at once", async (world) => {
  const lease = await world.lease({}, { ready: false });
  const cancel = () => world.call("cancel", lease, { renterSigns: false });
  world.pass(60);
  await world.bad("TOO_EARLY", cancel());
  world.pass(1);
  await world.bad("TOO_LATE", world.call("ready", lease));
  const changes = await world.changes(async () => {
    const { events } = await world.good(cancel());
    assert.equal(events[0].toRenter, RATE + BOND_LAMPORTS);
    assert.equal(events[0].state, STATE.closed);
  });
  assert.equal(changes.renter, RATE + BOND_LAMPORTS);
  assert.equal(world.exists(lease), false);
});

everywhere("ready refuses", async (world) => {
  const lease = await world.lease({}, { ready: false });
  const good = world.call("ready", lease);
  await world.bad("NOT_SIGNER", swapAccount(good, 0, { role: ROLE.READONLY }));
  await world.bad("NOT_WRITABLE", swapAccount(good, 1, { role: ROLE.READONLY }));
  await world.bad("WRONG_KEY", swapAccount(good, 0, { address: world.address("stranger") }));
  await world.bad("WRONG_OWNER", swapAccount(good, 1, { address: world.address("stranger") }));
  await world.bad("WRONG_KIND", swapAccount(good, 1, { address: world.market }));
  await world.bad("STALE_LEASE", world.call("ready", lease, { openedSlot: 1n }));
  await world.bad("BAD_COUNT", { ...good, accounts: good.accounts.slice(0, 1) });
  await world.bad("DUPLICATE_ACCOUNT",
    swapAccount(good, 0, { address: lease, role: ROLE.READONLY }));
  await world.good(good);
  await world.bad("WRONG_STATE", world.call("ready", lease));
});

everywhere("the renter cancels at once and gets everything", async (world) => {
  const lease = await world.lease({}, { ready: false });
  const changes = await world.changes(() =>
    world.good(world.call("cancel", lease, { renterSigns: true })));
  assert.deepEqual(changes, { renter: RATE + BOND_LAMPORTS, host: 0n, treasury: 0n, attestor: 0n,
    operator: 0n, stranger: 0n });
  assert.equal(world.exists(lease), false);
});

everywhere("cancel pays nobody else and ends with ready", async (world) => {
  const lease = await world.lease({}, { ready: false });
  await world.bad("WRONG_KEY",
    world.call("cancel", lease, { renter: world.address("stranger"), renterSigns: true }));
  await world.bad("NOT_WRITABLE", swapAccount(
    world.call("cancel", lease, { renterSigns: true }), 1, { role: ROLE.READONLY_SIGNER }));
  await world.good(world.call("ready", lease));
  await world.bad("WRONG_STATE", world.call("cancel", lease, { renterSigns: true }));
});

everywhere("a closed lease cannot be used again in the same transaction", async (world) => {
  const lease = await world.lease({}, { ready: false });
  const cancel = world.call("cancel", lease, { renterSigns: true });
  const result = await world.send([cancel, cancel]);
  assert.equal(result.code, obelisk.ERROR.WRONG_OWNER);
  assert.equal(world.exists(lease), true);
});

everywhere("extend takes the difference, once", async (world) => {
  const lease = await world.lease();
  world.pass(600);
  const instruction = world.call("extend", lease, { totalSeconds: 5000 });
  const cost = obelisk.price(RATE, 5000) - obelisk.price(RATE, 3600);
  const changes = await world.changes(async () => {
    const { events } = await world.good(instruction);
    assert.equal(events[0].tag, 5);
    assert.equal(events[0].state, STATE.active);
  });
  assert.equal(changes.renter, -cost);
  assert.equal(world.balance(lease), RATE + BOND_LAMPORTS + cost);
  assert.equal(world.read(lease).seconds, 5000);
  await world.bad("OUT_OF_RANGE", instruction);
});

everywhere("extend refuses", async (world) => {
  const lease = await world.lease();
  const good = world.call("extend", lease, { totalSeconds: 7200 });
  await world.bad("OUT_OF_RANGE", world.call("extend", lease, { totalSeconds: 7201 }));
  await world.bad("OUT_OF_RANGE", world.call("extend", lease, { totalSeconds: 3600 }));
  await world.bad("NOT_SIGNER", swapAccount(good, 0, { role: ROLE.WRITABLE }));
  await world.bad("NOT_WRITABLE", swapAccount(good, 0, { role: ROLE.READONLY_SIGNER }));
  await world.bad("WRONG_PROGRAM", swapAccount(good, 2, { address: wallets.other.address }));
  await world.bad("WRONG_KEY", swapAccount(good, 0, { address: world.address("stranger") }));
  world.pass(3599);
  await world.good(world.call("extend", lease, { totalSeconds: 3601 }));
  world.pass(2);
  await world.bad("TOO_LATE", good);
});
