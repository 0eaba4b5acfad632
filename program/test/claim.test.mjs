// claim: proofs by the attestor or the renter, and every way in which a proof can be false.
import assert from "node:assert/strict";

import * as obelisk from "../client/obelisk.mjs";
import { everywhere, RATE, ROLE, swapAccount, wallets, withData } from "./harness.mjs";

const { BOND_LAMPORTS, earned, fee, STATE } = obelisk;
const split = (seconds) => {
  const total = earned(RATE, seconds);
  return { host: total - fee(total, 250), treasury: fee(total, 250) };
};

everywhere("a claim pays host and treasury what is proven, and no more", async (world) => {
  const lease = await world.lease();
  const start = world.now;
  world.pass(100);
  const first = await world.changes(async () => {
    const { events } = await world.good(world.claim(lease, start + 60n));
    assert.deepEqual(events, [{ tag: 6, state: STATE.active, zero: 0, lease,
      toHost: split(60).host, toTreasury: split(60).treasury, toRenter: 0n,
      provenUntil: start + 60n, stoppedAt: 0n }]);
  });
  assert.deepEqual([first.host, first.treasury, first.renter],
    [split(60).host, split(60).treasury, 0n]);
  assert.equal(world.balance(lease), RATE + BOND_LAMPORTS - earned(RATE, 60));
  assert.equal(world.read(lease).released, earned(RATE, 60));

  // The same again, older ones and ones of the past succeed and pay nothing.
  for (const until of [start + 60n, start + 30n, start - 1000n, -1n]) {
    const again = await world.changes(() => world.good(world.claim(lease, until)));
    assert.deepEqual([again.host, again.treasury], [0n, 0n]);
  }
  // One of the future counts up to now.
  const rest = await world.changes(() => world.good(world.claim(lease, start + 9999n)));
  assert.equal(world.read(lease).provenUntil, start + 100n);
  assert.deepEqual([rest.host, rest.treasury],
    [split(100).host - split(60).host, split(100).treasury - split(60).treasury]);
});

everywhere("the renter may concede what nobody attests", async (world) => {
  const lease = await world.lease();
  world.pass(500);
  const changes = await world.changes(() =>
    world.good(world.claim(lease, world.now, { by: "renter" })));
  assert.equal(changes.host, split(500).host);
});

everywhere("past the end a claim pays the whole price's earnings", async (world) => {
  const lease = await world.lease();
  const start = world.now;
  world.pass(10_000);
  const changes = await world.changes(() => world.good(world.claim(lease, start + 10_000n)));
  assert.equal(changes.host + changes.treasury, RATE);
  assert.equal(world.read(lease).provenUntil, start + 3600n);
});

everywhere("many claims split as one", async (world) => {
  const lease = await world.lease();
  const start = world.now;
  world.pass(3600);
  const changes = await world.changes(async () => {
    for (let at = 97n; at < 3600n; at += 397n) await world.good(world.claim(lease, start + at));
    await world.good(world.claim(lease, start + 3600n));
  });
  assert.deepEqual([changes.host, changes.treasury],
    [RATE - fee(RATE, 250), fee(RATE, 250)]);
});

everywhere("two claims in one transaction need a proof each", async (world) => {
  const lease = await world.lease();
  const start = world.now;
  world.pass(100);
  const [proof, claim] = world.claim(lease, start + 50n);
  const result = await world.send([proof, claim, claim]);
  assert.equal(result.code, obelisk.ERROR.NO_ED25519);
  await world.good(world.claim(lease, start + 50n), world.claim(lease, start + 60n));
  assert.equal(world.read(lease).provenUntil, start + 60n);
});

everywhere("a claim without a proof right before it is refused", async (world) => {
  const lease = await world.lease();
  world.pass(100);
  const [proof, claim] = world.claim(lease, world.now);
  await world.bad("NO_ED25519", claim);
  await world.bad("NO_ED25519", claim, proof);
  const between = { programAddress: "ComputeBudget111111111111111111111111111111", accounts: [],
    data: Uint8Array.from([2, 0, 0, 10, 0]) };
  await world.bad("NO_ED25519", proof, between, claim);
});

everywhere("a proof of another shape is refused", async (world) => {
  const lease = await world.lease();
  world.pass(100);
  const [proof, claim] = world.claim(lease, world.now);
  // A byte longer: the precompile takes it, we do not.
  await world.bad("BAD_ED25519", withData(proof, [...proof.data, 0]), claim);
  // The padding byte of the header is free to the precompile, not to us.
  const padded = Uint8Array.from(proof.data);
  padded[1] = 7;
  await world.bad("BAD_ED25519", withData(proof, padded), claim);
  // Any other header: another count, other offsets, parts that lie in other instructions.
  for (let at = 0; at < 16; at += 1) {
    const other = Uint8Array.from(proof.data);
    other[at] ^= 1;
    assert.equal((await world.send([withData(proof, other), claim])).failed, true, `byte ${at}`);
  }
  // Signature, key or message named as lying in instruction 0: that is the same one, and the
  // precompile agrees. We take no other way of saying it, since 0 may be another instruction.
  for (const at of [4, 8, 14]) {
    const named = Uint8Array.from(proof.data);
    named.set([0, 0], at);
    await world.bad("BAD_ED25519", withData(proof, named), claim);
  }
  await world.bad("BAD_ED25519", { ...proof, accounts: [
    { address: wallets.other.address, role: ROLE.READONLY }] }, claim);
  assert.equal(world.read(lease).released, 0n);
});

everywhere("a forged attestation is refused", async (world) => {
  const lease = await world.lease();
  const other = await world.lease();
  world.pass(100);
  const claim = (how) => world.claim(lease, world.now, how);
  for (const by of ["stranger", "host", "treasury", "operator"]) {
    await world.bad("WRONG_ATTESTOR", ...claim({ by }));
  }
  await world.bad("WRONG_MESSAGE", ...claim({ message: { lease: other } }));
  await world.bad("WRONG_MESSAGE", ...claim({ message: { program: wallets.other.address } }));
  await world.bad("WRONG_MESSAGE", ...claim({ message: { openedSlot: 1n } }));
  await world.bad("WRONG_MESSAGE", ...claim({ by: "stranger", message: { openedSlot: 1n } }));
  // A changed byte: the runtime's own check fails the transaction first.
  const broken = await world.send(claim({ forge: (proof) => {
    const data = Uint8Array.from(proof.data);
    data[199] ^= 1;
    return withData(proof, data);
  } }));
  assert.equal(broken.failed, true);
  assert.equal(world.read(lease).released, 0n);
});

everywhere("claim refuses wrong accounts", async (world) => {
  const lease = await world.lease();
  world.pass(60);
  const [proof, good] = world.claim(lease, world.now);
  const bad = (name, claim) => world.bad(name, proof, claim);
  await bad("WRONG_PROGRAM", swapAccount(good, 4, { address: wallets.other.address }));
  for (const index of [1, 2, 3]) {
    await bad("WRONG_KEY", swapAccount(good, index, { address: world.address("stranger") }));
  }
  for (const index of [0, 1, 2, 3]) {
    await bad("NOT_WRITABLE", swapAccount(good, index, { role: ROLE.READONLY }));
  }
  await bad("DUPLICATE_ACCOUNT", swapAccount(good, 2, { address: world.address("renter") }));
  await bad("BAD_COUNT", { ...good, accounts: good.accounts.slice(0, 4) });
  await bad("WRONG_KIND", swapAccount(good, 0, { address: world.market }));
  const funded = await world.lease({}, { ready: false });
  await world.bad("WRONG_STATE", world.call("claim", funded));
});

everywhere("an empty host is paid when it has enough to land", async (world) => {
  world.fund("other", 1_000_000n);
  const lease = await world.lease({ host: wallets.other.address });
  const start = world.now;
  world.pass(3600);
  const account = world.svm.getAccount(wallets.other.address);
  world.svm.setAccount({ ...account, lamports: 0n });
  await world.good(world.claim(lease, start + 60n)); // 153,333 lamports: too little to land
  assert.equal(world.balance("other"), 0n);
  assert.equal(world.read(lease).released, 0n);
  await world.good(world.claim(lease, start + 3600n));
  assert.equal(world.balance("other"), split(3600).host);
});
