// open: what a lease holds at its start, and every reason to refuse one.
import assert from "node:assert/strict";

import * as obelisk from "../client/obelisk.mjs";
import { everywhere, RATE, ROLE, START, swapAccount, wallets, withData } from "./harness.mjs";

const PAID = RATE + obelisk.BOND_LAMPORTS; // an hour

everywhere("open takes price and bond, and writes every field", async (world) => {
  const purchase = await world.purchase();
  let slot;
  const changes = await world.changes(async () => {
    slot = world.svm.getClock().slot;
    const { events } = await world.good(obelisk.open(purchase));
    assert.deepEqual(events, [{
      tag: 2, state: 1, zero: 0, lease: purchase.lease, toHost: 0n, toTreasury: 0n, toRenter: 0n,
      provenUntil: 0n, stoppedAt: 0n,
    }]);
  });
  assert.equal(changes.renter, -PAID);
  assert.equal(world.balance(purchase.lease), PAID);
  assert.deepEqual(world.read(purchase.lease), {
    kind: 2, version: 1, bump: purchase.bump, state: obelisk.STATE.funded, feeBps: 250, zeroA: 0,
    readyDeadlineS: 60, gapLimitS: 180, claimWindowS: 21_600, seconds: 3600, maxSeconds: 7200,
    zeroB: 0, renter: world.address("renter"), host: world.address("host"), market: world.market,
    treasury: world.address("treasury"), attestor: world.address("attestor"),
    termsHash: purchase.termsHash, nonce: purchase.nonce, openedSlot: slot, rate: RATE,
    openedAt: START, startedAt: 0n, provenUntil: 0n, stoppedAt: 0n, windowEnds: 0n, released: 0n,
  });
});

everywhere("a pre-funded address takes the whole price, the rest comes back", async (world) => {
  const purchase = await world.purchase();
  world.fund(purchase.lease, 1_777_777n);
  const changes = await world.changes(() => world.good(obelisk.open(purchase)));
  assert.equal(changes.renter, -PAID);
  assert.equal(world.balance(purchase.lease), PAID + 1_777_777n);
  assert.equal(world.read(purchase.lease).seconds, 3600);
  const back = await world.changes(() =>
    world.good(world.call("cancel", purchase.lease, { renterSigns: true })));
  assert.equal(back.renter, PAID + 1_777_777n);
});

everywhere("the price is rounded up", async (world) => {
  const purchase = await world.purchase({ rate: 7n, seconds: 61, maxSeconds: 61 });
  const changes = await world.changes(() => world.good(obelisk.open(purchase)));
  assert.equal(changes.renter, -(1n + obelisk.BOND_LAMPORTS));
});

everywhere("any bump that gives the address will do, no other", async (world) => {
  const purchase = await world.purchase();
  const bump = (purchase.bump + 255) % 256;
  const wrong = await world.send([obelisk.open({ ...purchase, bump })]);
  assert.equal(wrong.failed, true);
  assert.equal(world.exists(purchase.lease), false);
  await world.good(obelisk.open(purchase));
});

everywhere("a closed nonce can be opened again, and is another lease", async (world) => {
  const purchase = await world.purchase();
  await world.good(obelisk.open(purchase));
  const first = world.read(purchase.lease);
  await world.good(world.call("cancel", purchase.lease, { renterSigns: true }));
  world.pass(1);
  await world.good(obelisk.open({ ...purchase, expiresAt: world.now }));
  const second = world.read(purchase.lease);
  assert.notEqual(second.openedSlot, first.openedSlot);
  await world.bad("STALE_LEASE",
    world.call("ready", purchase.lease, { openedSlot: first.openedSlot }));
  await world.good(world.call("ready", purchase.lease));
});

everywhere("open refuses what the market or the quote forbids", async (world) => {
  const bad = async (name, changes) => world.bad(name, obelisk.open(await world.purchase(changes)));
  await bad("MARKET_CHANGED", { marketRev: 2n });
  await bad("QUOTE_EXPIRED", { expiresAt: world.now - 1n });
  await world.good(obelisk.open(await world.purchase({ expiresAt: world.now })));
  for (const wrong of [{ rate: 0n }, { rate: 2n ** 38n + 1n }, { seconds: 59 },
    { maxSeconds: 3599 }, { maxSeconds: 31_536_001 }]) {
    await bad("OUT_OF_RANGE", wrong);
  }
  await bad("EMPTY_WALLET", { host: wallets.other.address });
  await bad("SAME_PARTY", { host: world.address("treasury") });
  await bad("SAME_PARTY", { host: world.address("attestor") });
  await world.good(world.updateMarket({ paused: 1 }));
  await bad("PAUSED", { marketRev: 2n });
});

everywhere("a renter who is treasury or attestor is refused", async (world) => {
  for (const name of ["treasury", "attestor"]) {
    const purchase = await world.purchase({ renter: world.address(name) });
    await world.bad("SAME_PARTY", obelisk.open(purchase));
  }
});

everywhere("open refuses wrong accounts, in the order of the codes", async (world) => {
  const purchase = await world.purchase();
  const good = obelisk.open(purchase);
  await world.bad("BAD_DATA", withData(good, [...good.data, 0]));
  await world.bad("BAD_DATA", withData(good, good.data.slice(0, -1)));
  await world.bad("BAD_COUNT", { ...good, accounts: good.accounts.slice(0, 4) });
  await world.bad("BAD_COUNT", { ...good, accounts: [...good.accounts, good.accounts[0]] });
  await world.bad("DUPLICATE_ACCOUNT", obelisk.open({ ...purchase, host: purchase.renter }));
  await world.bad("NOT_WRITABLE", swapAccount(good, 1, { role: ROLE.READONLY }));
  await world.bad("NOT_WRITABLE", swapAccount(good, 2, { role: ROLE.READONLY }));
  await world.bad("NOT_SIGNER", swapAccount(good, 0, { role: ROLE.WRITABLE }));
  await world.bad("WRONG_PROGRAM", swapAccount(good, 4, { address: wallets.other.address }));
  await world.bad("WRONG_OWNER", swapAccount(good, 3, { address: world.address("stranger") }));
  await world.bad("WRONG_KIND", swapAccount(good, 3, { address: await world.lease() }));
  await world.bad("WRONG_KEY", swapAccount(good, 1,
    { address: world.address("stranger"), role: ROLE.WRITABLE_SIGNER }));
  await world.good(good);
  await world.bad("ALREADY_OPEN", good);
});

everywhere("a reserved key can be no host", async (world) => {
  const purchase = await world.purchase({ host: "SysvarC1ock11111111111111111111111111111111" });
  await world.bad("NOT_WRITABLE", obelisk.open(purchase));
});

everywhere("a renter with too little pays nothing", async (world) => {
  const purchase = await world.purchase({ rate: 2n ** 38n, seconds: 31_536_000,
    maxSeconds: 31_536_000 });
  const changes = await world.changes(async () =>
    assert.equal((await world.send([obelisk.open(purchase)])).code, 1)); // the System program's
  assert.equal(changes.renter, 0n);
  assert.equal(world.exists(purchase.lease), false);
});

everywhere("an unknown tag and no data at all are refused", async (world) => {
  for (const data of [[], [9], [255, 0]]) {
    await world.bad("BAD_DATA",
      { programAddress: world.program, accounts: [], data: Uint8Array.from(data) });
  }
});
