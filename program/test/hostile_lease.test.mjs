// Attacks on a lease's life rather than on one instruction: made twice, revived after its end,
// opened in a malicious market, or with wallets that turn into something else while it runs.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";

import { kit } from "../client/deps.mjs";
import * as obelisk from "../client/obelisk.mjs";
import { elf, everywhere, moreWallets, RATE, ROLE, SOL, wallets } from "./harness.mjs";

const { BOND_LAMPORTS, earned, fee, HOW, STATE, SYSTEM_PROGRAM } = obelisk;
const HELD = RATE + BOND_LAMPORTS;
await moreWallets("operator2", "treasury2", "attestor2", "renter2");

const transfer = (from, to, lamports) => ({
  programAddress: SYSTEM_PROGRAM,
  accounts: [{ address: wallets[from].address, role: ROLE.WRITABLE_SIGNER },
    { address: to, role: ROLE.WRITABLE }],
  data: Uint8Array.from([2, 0, 0, 0, ...kit.getU64Encoder().encode(lamports)]),
});
const stop = (world, lease, how) => world.call("stop", lease, { how });

async function refusedUnchanged(world, name, lease, ...instructions) {
  const before = world.snapshot([lease, world.address("renter"), world.address("host")]);
  await world.bad(name, ...instructions);
  assert.deepEqual(world.snapshot(before.keys()), before, `${name}: nothing may change`);
}

everywhere("re-initialisation: no lease is opened over another, in any state", async (world) => {
  const purchase = await world.purchase();
  const again = { ...purchase, rate: 1n, expiresAt: world.now + 9999n };
  const refuse = () => refusedUnchanged(world, "ALREADY_OPEN", purchase.lease, obelisk.open(again));
  await world.good(obelisk.open(purchase));
  await refuse();
  await world.good(world.call("ready", purchase.lease));
  await refuse();
  world.pass(300);
  await world.good(stop(world, purchase.lease, HOW.dispute));
  await refuse();
  // In one transaction with its first opening, too.
  const fresh = await world.purchase();
  const result = await world.send([obelisk.open(fresh), obelisk.open(fresh)]);
  assert.equal(result.code, obelisk.ERROR.ALREADY_OPEN);
  assert.equal(world.exists(fresh.lease), false);
});

everywhere("re-initialisation: no market is made over another", async (world) => {
  const terms = { ...world.terms, feeBps: 1000, attestor: wallets.attestor2.address };
  await refusedUnchanged(world, "ALREADY_OPEN", world.market, world.createMarket({ terms }));
  // Nor a lease at a market's address, nor a market at a lease's.
  const purchase = await world.purchase();
  await world.bad("DUPLICATE_ACCOUNT", obelisk.open({ ...purchase, lease: world.market }));
  await world.good(obelisk.open(purchase));
  await refusedUnchanged(world, "ALREADY_OPEN", purchase.lease,
    world.createMarket({ market: purchase.lease }));
});

everywhere("another bump is another address with its own money", async (world) => {
  const first = await world.purchase();
  await world.good(obelisk.open(first));
  const encode = kit.getAddressEncoder().encode;
  const addressAt = (bump) => kit.getAddressDecoder().decode(createHash("sha256").update("lease")
    .update(encode(first.renter)).update(kit.getU64Encoder().encode(first.nonce))
    .update(Uint8Array.of(bump)).update(encode(world.program)).update("ProgramDerivedAddress")
    .digest());
  assert.equal(addressAt(first.bump), first.lease);
  let bump = first.bump - 1;
  while (!kit.isOffCurveAddress(addressAt(bump))) bump -= 1;
  const lease = addressAt(bump);
  const second = { ...first, lease, bump };
  const changes = await world.changes(() => world.good(obelisk.open(second)));
  assert.equal(changes.renter, -HELD);
  await world.good(world.call("cancel", lease, { renterSigns: true }));
  assert.equal(world.balance(first.lease), HELD);
});

everywhere("revival: lamports sent after the close bring no lease back", async (world) => {
  const lease = await world.lease();
  world.pass(60);
  const end = stop(world, lease, HOW.served);
  const again = await world.send([end, transfer("stranger", lease, 5_000_000n), end]);
  assert.equal(again.code, obelisk.ERROR.WRONG_OWNER);
  assert.equal(world.read(lease).state, STATE.active, "the whole transaction is undone");

  const late = { ready: world.call("ready", lease), claim: world.call("claim", lease),
    extend: world.call("extend", lease, { totalSeconds: 7200 }),
    cancel: world.call("cancel", lease, { renterSigns: true }),
    finish: world.call("finish", lease) };
  await world.good(end, transfer("stranger", lease, 5_000_000n));
  const left = world.svm.getAccount(lease);
  assert.deepEqual([left.lamports, left.data.length, left.programAddress],
    [5_000_000n, 0, SYSTEM_PROGRAM]);
  for (const instruction of [end, ...Object.values(late)]) {
    await refusedUnchanged(world, "WRONG_OWNER", lease, instruction);
  }
});

everywhere("revival: closed and opened in one transaction, it starts anew", async (world) => {
  const purchase = await world.purchase();
  await world.good(obelisk.open(purchase));
  await world.good(world.call("ready", purchase.lease));
  world.pass(600);
  await world.good(world.claim(purchase.lease, world.now - 100n));
  const end = stop(world, purchase.lease, HOW.served);
  const next = obelisk.open({ ...purchase, expiresAt: world.now, seconds: 60, maxSeconds: 60 });
  const [proof, claim] = world.claim(purchase.lease, world.now);
  const result = await world.send([end, next, proof, claim]);
  assert.equal(result.code, obelisk.ERROR.WRONG_STATE, "no claim on what is not ready");
  await world.good(end, next);
  const { state, seconds, startedAt, provenUntil, stoppedAt, windowEnds, released } =
    world.read(purchase.lease);
  assert.deepEqual([state, seconds, startedAt, provenUntil, stoppedAt, windowEnds, released],
    [STATE.funded, 60, 0n, 0n, 0n, 0n, 0n]);
  assert.equal(world.balance(purchase.lease), obelisk.price(RATE, 60) + BOND_LAMPORTS);
});

everywhere("a malicious market: new terms reach no open lease, nor its exits", async (world) => {
  const funded = await world.lease({}, { ready: false });
  const lease = await world.lease();
  const before = world.snapshot([funded, lease]);
  world.fund("treasury2", SOL);
  await world.good(world.updateMarket({ paused: 1, feeBps: 1000, readyDeadlineS: 30, gapLimitS: 600,
    claimWindowS: 86_400, attestor: wallets.attestor2.address },
  { treasury: wallets.treasury2.address }));
  assert.deepEqual(world.snapshot(before.keys()), before);
  const bad = (name, ...instructions) => refusedUnchanged(world, name, lease, ...instructions);
  await bad("WRONG_KEY", world.call("ready", funded, { attestor: wallets.attestor2.address }));
  await bad("WRONG_KEY",
    world.call("stop", lease, { how: HOW.dark, attestor: wallets.attestor2.address }));
  await bad("WRONG_KEY",
    world.call("stop", lease, { how: HOW.served, treasury: wallets.treasury2.address }));
  await bad("WRONG_KEY", world.updateMarket({}, { operator: wallets.stranger.address }));
  // Paused or not, everything on a lease goes on under the terms it was opened with.
  await world.good(world.call("cancel", funded, { renterSigns: true }));
  await world.good(world.call("extend", lease, { totalSeconds: 7200 }));
  world.pass(600);
  const changes = await world.changes(() => world.good(stop(world, lease, HOW.served)));
  const total = earned(RATE, 600);
  assert.deepEqual([changes.host, changes.treasury],
    [total - fee(total, 250), fee(total, 250)], "the fee of the opening");
  assert.equal(world.balance("treasury2"), SOL);
});

everywhere("a malicious market: terms changed under a quote take nothing", async (world) => {
  const quoted = await world.purchase();
  await world.good(world.updateMarket({ feeBps: 1000 }));
  const changes = await world.changes(() => world.bad("MARKET_CHANGED", obelisk.open(quoted)));
  assert.equal(changes.renter, 0n);
  assert.equal(world.exists(quoted.lease), false);
});

everywhere("a malicious market: no key may play two parts", async (world) => {
  const purchase = await world.purchase({ marketRev: 2n });
  for (const [what, terms, treasury] of [
    ["the renter attests", { attestor: purchase.renter }],
    ["the host attests", { attestor: purchase.host }],
    ["the treasury attests", { attestor: world.address("treasury") }],
    ["the lease attests", { attestor: purchase.lease }],
    ["the host is the treasury", {}, purchase.host],
    ["the renter is the treasury", {}, purchase.renter],
  ]) {
    const saved = world.snapshot([world.market]);
    await world.good(world.updateMarket(terms, treasury && { treasury }));
    const changes = await world.changes(() => world.bad("SAME_PARTY", obelisk.open(purchase)));
    assert.equal(changes.renter, 0n, what);
    world.restore(saved);
  }
});

everywhere("a malicious market: where nobody can attest, the renter leaves", async (world) => {
  await world.good(world.updateMarket({ attestor: SYSTEM_PROGRAM }));
  const open = async () => {
    const purchase = await world.purchase({ marketRev: 2n });
    await world.good(obelisk.open(purchase));
    return purchase.lease;
  };
  const [first, second] = [await open(), await open()];
  const cancelled = await world.changes(() =>
    world.good(world.call("cancel", first, { renterSigns: true })));
  assert.equal(cancelled.renter, HELD);
  world.pass(61);
  const late = await world.changes(() =>
    world.good(world.call("cancel", second, { renterSigns: false })));
  assert.equal(late.renter, HELD);
});

// What a wallet may turn into while a lease runs. None of it may hold up anybody's money.
const TURNS = {
  "a program": ({ svm }, address) => svm.addProgram(address, elf),
  "another program's": ({ svm }, address) =>
    svm.setAccount({ ...svm.getAccount(address), programAddress: wallets.other.address }),
  "ten megabytes": ({ svm }, address) => svm.setAccount({ ...svm.getAccount(address),
    data: new Uint8Array(10_485_760), space: 10_485_760n }),
  "our own program's": (world, address) => world.svm.setAccount({
    ...world.svm.getAccount(address), programAddress: world.program }),
};
const EXITS = {
  "claim": (world, lease) => world.claim(lease, world.now),
  "stop, served": (world, lease) => stop(world, lease, HOW.served),
  "stop, dark": (world, lease) => stop(world, lease, HOW.dark),
  "stop, disputed": (world, lease) => stop(world, lease, HOW.dispute),
};

for (const [what, turn] of Object.entries(TURNS)) {
  everywhere(`a host or treasury that became ${what} is paid and stops nobody`, async (world) => {
    for (const [exit, instructions] of Object.entries(EXITS)) {
      for (const name of ["host", "treasury"]) {
        const lease = await world.lease();
        world.pass(600);
        const saved = world.snapshot([world.address(name)]);
        turn(world, world.address(name));
        const held = world.balance(lease);
        const { events } = await world.good(instructions(world, lease));
        const before = world.balance(lease) + events[0].toHost + events[0].toTreasury +
          events[0].toRenter;
        assert.equal(before, held, `${exit} with ${name}: lamports are conserved`);
        const paid = events[0].toHost + events[0].toTreasury;
        if (exit === "claim") assert.equal(paid, earned(RATE, 600));
        world.restore(saved);
      }
    }
  });
}
