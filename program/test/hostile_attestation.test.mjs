// False attestations: forged, foreign, replayed, re-pointed at other bytes. Each is refused with
// the code of docs/escrow.md, section 6, or by the runtime before the program runs, and moves
// nothing.
import assert from "node:assert/strict";

import * as obelisk from "../client/obelisk.mjs";
import { everywhere, moreWallets, ROLE, SOL, wallets, withData } from "./harness.mjs";
import { differences } from "./hostile/play.mjs";

const { HOW, STATE } = obelisk;
await moreWallets("attestor2", "operator2", "treasury2");

const everyone = (world) => ["renter", "host", "treasury", "attestor", "operator", "stranger"]
  .map((name) => world.address(name));

// `name` is the code, or null where the runtime itself must refuse: no precompile, no program.
async function refused(world, lease, name, what, instructions) {
  const before = world.snapshot([lease, ...everyone(world)]);
  const result = await world.send(instructions);
  assert.equal(result.failed, true, `${what}: must be refused`);
  if (name) assert.equal(result.code, obelisk.ERROR[name], `${what}: ${result.text}`);
  else assert.ok(!(result.code >= 100 && result.code <= 124), `${what}: ${result.text}`);
  assert.deepEqual(differences(before, world.snapshot(before.keys())), [], `${what}: no change`);
}

async function running(world, seconds = 500) {
  const lease = await world.lease();
  world.pass(seconds);
  const [proof, claim] = world.claim(lease, world.now);
  return { lease, proof, claim };
}

const patched = (proof, at, values) => {
  const data = Uint8Array.from(proof.data);
  data.set(values, at);
  return withData(proof, data);
};
const u16 = (value) => [value & 255, value >> 8];

everywhere("forged: any changed bit of key, signature or message is refused", async (world) => {
  const { lease, proof, claim } = await running(world);
  for (let at = 16; at < 200; at += 1) {
    const forged = patched(proof, at, [proof.data[at] ^ (1 << (at % 8))]);
    await refused(world, lease, null, `byte ${at}`, [forged, claim]);
  }
});

everywhere("forged: a header of another kind proves nothing", async (world) => {
  const { lease, proof, claim } = await running(world);
  const no = (name, what, instructions) => refused(world, lease, name, what, instructions);
  await no(null, "no signature at all, yet 200 bytes", [patched(proof, 0, [0]), claim]);
  await no(null, "two signatures claimed", [patched(proof, 0, [2]), claim]);
  await no("BAD_ED25519", "a padding byte", [patched(proof, 1, [1]), claim]);
  const cut = withData(proof, proof.data.slice(0, 199));
  await no(null, "a byte short", [cut, claim]);
  await no("BAD_ED25519", "a byte long", [withData(proof, [...proof.data, 0]), claim]);
  const none = withData(proof, [0, 0]);
  await no("BAD_ED25519", "an empty list of signatures", [none, claim]);
});

everywhere("re-pointed: a sound signature of other bytes proves nothing", async (world) => {
  const { lease, claim } = await running(world);
  // The attacker's own statement is verified; what stands where the claim reads is the attestor's.
  const lie = obelisk.attestation({ program: world.program, lease,
    openedSlot: world.read(lease).openedSlot, aliveUntil: world.now });
  const shown = obelisk.ed25519({ signer: world.address("attestor"),
    signature: new Uint8Array(64), message: lie });
  const [sound] = world.claim(lease, world.now, { by: "stranger" });
  const layouts = {
    // key, signature and message offsets point at a second, sound proof appended to the first
    "its parts lie behind it": (() => {
      const data = Uint8Array.from([...shown.data, ...sound.data.slice(16)]);
      data.set(u16(48 + 184), 2);
      data.set(u16(16 + 184), 6);
      data.set(u16(112 + 184), 10);
      return [withData(shown, data), claim];
    })(),
    // all parts are read from the instruction before it
    "its parts lie in the instruction before": (() => {
      const data = Uint8Array.from(shown.data);
      for (const at of [4, 8, 14]) data.set(u16(0), at);
      return [sound, withData(shown, data), claim];
    })(),
    // the message alone is another's: an honest statement of another lease
    "its message lies in the instruction before": (() => {
      const data = Uint8Array.from(sound.data);
      data.set(u16(0), 14);
      return [sound, withData(sound, data), claim];
    })(),
  };
  for (const [what, instructions] of Object.entries(layouts)) {
    await refused(world, lease, "BAD_ED25519", what, instructions);
  }
});

everywhere("foreign: statements for others are refused", async (world) => {
  const { lease, claim } = await running(world);
  const other = await world.lease();
  const proofOf = (how) => world.claim(lease, world.now, how)[0];
  const wrong = (what, how) => refused(world, lease, "WRONG_MESSAGE", what, [proofOf(how), claim]);
  await wrong("another lease of the same parties", { message: { lease: other } });
  await wrong("the market", { message: { lease: world.market } });
  await wrong("another program", { message: { program: wallets.other.address } });
  await wrong("another opening", { message: { openedSlot: world.read(lease).openedSlot + 1n } });
  const quote = (text) => ({ forge: (proof) => patched(proof, 112, Buffer.from(text)) });
  // Not even the runtime lets through a statement whose first word was changed after signing.
  await refused(world, lease, null, "a quote's magic", [proofOf(quote("OBELISKQ")), claim]);
});

everywhere("foreign: nobody but attestor and renter of the lease is believed", async (world) => {
  world.fund("operator2", SOL);
  const { lease, claim } = await running(world);
  for (const by of ["host", "treasury", "operator", "stranger", "attestor2", "operator2"]) {
    const [proof] = world.claim(lease, world.now, { by });
    await refused(world, lease, "WRONG_ATTESTOR", by, [proof, claim]);
  }
  // Nor does the market's new attestor get a say over a lease that was open before.
  await world.good(world.updateMarket({ attestor: wallets.attestor2.address }));
  const [late] = world.claim(lease, world.now, { by: "attestor2" });
  await refused(world, lease, "WRONG_ATTESTOR", "the market's new attestor", [late, claim]);
  await world.good(world.claim(lease, world.now)); // the lease's own one has
});

everywhere("replayed: the same statement twice pays once", async (world) => {
  const { lease, proof, claim } = await running(world);
  await world.good(proof, claim);
  const released = world.read(lease).released;
  const again = await world.changes(() => world.good(proof, claim));
  assert.deepEqual([again.host, again.treasury, again.renter], [0n, 0n, 0n]);
  assert.equal(world.read(lease).released, released);
  await refused(world, lease, "NO_ED25519", "one proof, two claims", [proof, claim, claim]);
});

everywhere("replayed: a closed lease's statement is no proof for the next one", async (world) => {
  const purchase = await world.purchase();
  await world.good(obelisk.open(purchase));
  await world.good(world.call("ready", purchase.lease));
  world.pass(300);
  const [proof] = world.claim(purchase.lease, world.now + 9999n);
  await world.good(world.call("stop", purchase.lease, { how: HOW.served }));
  world.pass(1);
  await world.good(obelisk.open({ ...purchase, expiresAt: world.now }));
  const claim = world.call("claim", purchase.lease);
  await refused(world, purchase.lease, "WRONG_STATE", "before it is ready", [proof, claim]);
  await world.good(world.call("ready", purchase.lease));
  world.pass(300);
  await refused(world, purchase.lease, "WRONG_MESSAGE", "at the same address", [proof, claim]);
});

everywhere("replayed: in its own slot it earns the next lease nothing", async (world) => {
  // opened_slot cannot tell two openings of one slot apart; what the statement says can.
  const purchase = await world.purchase();
  await world.good(obelisk.open(purchase));
  const slot = world.read(purchase.lease).openedSlot;
  const [proof] = world.claim(purchase.lease, world.now);
  await world.good(world.call("cancel", purchase.lease, { renterSigns: true }));
  await world.good(obelisk.open(purchase));
  assert.equal(world.read(purchase.lease).openedSlot, slot, "one slot, two leases");
  await world.good(world.call("ready", purchase.lease));
  world.pass(300);
  const changes = await world.changes(() =>
    world.good(proof, world.call("claim", purchase.lease)));
  assert.deepEqual([changes.host, changes.treasury, changes.renter], [0n, 0n, 0n]);
});

everywhere("misplaced: the proof stands anywhere but right before the claim", async (world) => {
  const { lease, proof, claim } = await running(world);
  const transfer = { programAddress: obelisk.SYSTEM_PROGRAM, accounts: [
    { address: world.address("payer"), role: ROLE.WRITABLE_SIGNER },
    { address: world.address("payer"), role: ROLE.WRITABLE }],
  data: Uint8Array.from([2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]) };
  await refused(world, lease, "NO_ED25519", "none", [claim]);
  await refused(world, lease, "NO_ED25519", "behind it", [claim, proof]);
  await refused(world, lease, "NO_ED25519", "one further up", [proof, transfer, claim]);
  await refused(world, lease, "NO_ED25519", "another program's", [transfer, claim]);
  const finish = world.call("finish", lease);
  await refused(world, lease, "TOO_EARLY", "before another instruction", [proof, finish]);
  // The proof's own bytes, sent to the program that is not the precompile.
  const posed = { ...proof, programAddress: world.program };
  await refused(world, lease, "BAD_DATA", "the program itself", [posed, claim]);
});

everywhere("a statement of any time never pays past now, the end, or the stop", async (world) => {
  const { lease } = await running(world);
  const start = world.read(lease).startedAt;
  for (const until of [2n ** 63n - 1n, -(2n ** 63n), start - 1n, 0n, -1n]) {
    await world.good(world.claim(lease, until));
    const { provenUntil, released } = world.read(lease);
    assert.ok(provenUntil <= start + 500n && provenUntil >= start);
    assert.equal(released, obelisk.earned(world.read(lease).rate, provenUntil - start));
  }
  world.pass(100);
  await world.good(world.call("stop", lease, { how: HOW.dispute }));
  const point = world.read(lease).stoppedAt;
  world.pass(100);
  await world.good(world.claim(lease, point - 1n));
  assert.equal(world.read(lease).state, STATE.closing);
  const { toHost } = (await world.good(world.claim(lease, 2n ** 63n - 1n))).events[0];
  assert.ok(toHost > 0n && toHost <= obelisk.earned(9_200_000n, 1) + 1n);
  assert.equal(world.exists(lease), false);
});
