// create_market and update_market: what they write, and what they refuse.
import assert from "node:assert/strict";

import * as obelisk from "../client/obelisk.mjs";
import { everywhere, ROLE, swapAccount, wallets, World } from "./harness.mjs";

const readMarket = (world) => obelisk.decodeMarket(world.svm.getAccount(world.market).data);

everywhere("a market is created with its terms and rent, and rev 1", async (world) => {
  assert.equal(world.balance(world.market), obelisk.MARKET_RENT_LAMPORTS);
  assert.deepEqual(readMarket(world), {
    kind: 1, version: 1, bump: world.marketBump, paused: 0, feeBps: 250, zeroA: 0,
    readyDeadlineS: 60, gapLimitS: 180, claimWindowS: 21_600, zeroB: 0, rev: 1n,
    operator: world.address("operator"), treasury: world.address("treasury"),
    attestor: world.address("attestor"),
  });
});

everywhere("an update replaces all terms and the treasury, and raises rev", async (world) => {
  const changes = await world.changes(() => world.good(world.updateMarket(
    { paused: 1, feeBps: 1000, readyDeadlineS: 30, gapLimitS: 600, claimWindowS: 86_400,
      attestor: wallets.other.address }, { treasury: world.address("stranger") })));
  assert.deepEqual(Object.values(changes), [0n, 0n, 0n, 0n, 0n, 0n]);
  const market = readMarket(world);
  assert.deepEqual(
    [market.paused, market.feeBps, market.readyDeadlineS, market.gapLimitS, market.claimWindowS],
    [1, 1000, 30, 600, 86_400]);
  assert.equal(market.rev, 2n);
  assert.equal(market.attestor, wallets.other.address);
  assert.equal(market.treasury, world.address("stranger"));
  assert.equal(market.operator, world.address("operator"));
});

everywhere("a market can be created at a pre-funded address", async (world) => {
  world.terms = { ...(await World.make("mainnet")).terms };
  world.fund(world.market, 1_000_000n);
  await world.good(world.createMarket());
  assert.equal(world.balance(world.market), obelisk.MARKET_RENT_LAMPORTS + 1_000_000n);
  assert.equal(readMarket(world).rev, 1n);
}, { market: false });

everywhere("create_market refuses", async (world) => {
  const good = world.createMarket();
  await world.bad("ALREADY_OPEN", good);
  await world.bad("NOT_WRITABLE", swapAccount(good, 1, { role: ROLE.READONLY }));
  await world.bad("NOT_WRITABLE", swapAccount(good, 2, { role: ROLE.READONLY }));
  await world.bad("NOT_SIGNER", swapAccount(good, 0, { role: ROLE.WRITABLE }));
  await world.bad("WRONG_PROGRAM", swapAccount(good, 3, { address: world.address("stranger") }));
  await world.bad("EMPTY_WALLET", world.createMarket({ treasury: wallets.other.address }));
  await world.bad("OUT_OF_RANGE", world.createMarket({ terms: { ...world.terms, feeBps: 1001 } }));
  await world.bad("DUPLICATE_ACCOUNT",
    world.createMarket({ treasury: world.address("operator") }));
  // An address that signs for itself is no PDA of ours.
  await world.bad("WRONG_KEY", swapAccount(good, 1,
    { address: world.address("stranger"), role: ROLE.WRITABLE_SIGNER }));
  // A bump of another address: the runtime refuses to sign for it.
  const elsewhere = world.createMarket({ market: wallets.other.address });
  assert.equal((await world.send([elsewhere])).failed, true);
});

everywhere("update_market refuses", async (world) => {
  const good = world.updateMarket({});
  await world.bad("NOT_SIGNER", swapAccount(good, 0, { role: ROLE.READONLY }));
  await world.bad("NOT_WRITABLE", swapAccount(good, 1, { role: ROLE.READONLY }));
  await world.bad("WRONG_KEY", swapAccount(good, 0, { address: world.address("stranger") }));
  await world.bad("WRONG_OWNER", swapAccount(good, 1, { address: world.address("stranger") }));
  await world.bad("EMPTY_WALLET", world.updateMarket({}, { treasury: wallets.other.address }));
  const lease = await world.lease();
  await world.bad("WRONG_KIND", swapAccount(good, 1, { address: lease }));
  for (const wrong of [{ paused: 2 }, { readyDeadlineS: 29 }, { readyDeadlineS: 601 },
    { gapLimitS: 59 }, { gapLimitS: 601 }, { claimWindowS: 599 }, { claimWindowS: 86_401 }]) {
    await world.bad("OUT_OF_RANGE", world.updateMarket(wrong));
  }
  assert.equal(readMarket(world).rev, 1n);
});

everywhere("an update does not touch an open lease", async (world) => {
  const lease = await world.lease();
  const before = world.svm.getAccount(lease).data;
  await world.good(world.updateMarket({ feeBps: 1000, attestor: wallets.other.address }));
  assert.deepEqual(world.svm.getAccount(lease).data, before);
});
