// The real loader, by transactions: deploy, upgrade, and the drop of the upgrade authority. Leases
// that were open before survive each of them, to the byte and the lamport.
import assert from "node:assert/strict";

import * as obelisk from "../client/obelisk.mjs";
import { closeProgram, deploy, extendProgram, nextSlot, PROGRAM_DATA_HEADER, programData,
  setAuthority, upgrade, upload } from "./deploy.mjs";
import { elf, everywhere, moreWallets, RATE, wallets } from "./harness.mjs";

const { BOND_LAMPORTS, earned, ERROR, fee, HOW, STATE } = obelisk;
await moreWallets("buffer2");

// Another version of the program, told apart by one answer: where ours says BAD_DATA, it says 99.
const OTHER_BAD_DATA = 99;
function anotherVersion() {
  const other = Uint8Array.from(elf);
  let changed = 0;
  for (let at = 0; at + 8 <= other.length; at += 8) {
    const [code, , low, high, ...value] = other.subarray(at, at + 8);
    const moves = (code === 0xb7 || code === 0xb4) && low === 0 && high === 0;
    if (!moves || value.join() !== [ERROR.BAD_DATA, 0, 0, 0].join()) continue;
    other[at + 4] = OTHER_BAD_DATA;
    changed += 1;
  }
  assert.ok(changed > 0, "nothing loads BAD_DATA: tell the versions apart by something else");
  return other;
}

// Which version answers: data that no version knows.
async function versionOf(world) {
  const { code } = await world.send([{ programAddress: world.program, accounts: [],
    data: Uint8Array.of(255) }]);
  return { [ERROR.BAD_DATA]: "ours", [OTHER_BAD_DATA]: "another" }[code] ?? code;
}

const code = async (world) => {
  const { data } = world.svm.getAccount(await programData(world.program));
  return { authority: data[12], bytes: data.slice(PROGRAM_DATA_HEADER) };
};

async function refused(world, what, ...instructions) {
  const before = world.snapshot([world.program, await programData(world.program)]);
  const result = await world.send(instructions);
  assert.equal(result.failed, true, what);
  assert.deepEqual(world.snapshot(before.keys()), before, `${what}: nothing may change`);
  return result;
}

// A lease in each state, at the start of a test.
async function leases(world) {
  const funded = await world.lease({}, { ready: false });
  const active = await world.lease();
  const closing = await world.lease();
  const start = world.now;
  world.pass(30);
  await world.good(world.call("stop", closing, { how: HOW.dispute }));
  assert.equal(world.read(closing).state, STATE.closing);
  return { funded, active, closing, start };
}

// They end as they would have, with no lamport missing.
async function settle(world, { funded, active, closing, start }) {
  const changes = await world.changes(async () => {
    await world.good(world.call("cancel", funded, { renterSigns: true }));
    world.pass(570);
    await world.good(world.claim(active, start + 500n));
    await world.good(world.call("stop", active, { how: HOW.served }));
    await world.good(world.claim(closing, start + 30n));
  });
  const paid = [600, 30].map((seconds) => earned(RATE, seconds));
  const fees = paid.map((amount) => fee(amount, 250));
  assert.equal(changes.host + changes.treasury, paid[0] + paid[1]);
  assert.equal(changes.treasury, fees[0] + fees[1]);
  // The contested one had given its future back before.
  assert.equal(changes.renter, 3n * BOND_LAMPORTS + RATE + (RATE - paid[0]));
  for (const lease of [funded, active, closing]) assert.equal(world.exists(lease), false);
}

everywhere("deployed by transactions, the chain holds exactly our file", async (world) => {
  const { authority, bytes } = await code(world);
  assert.deepEqual(Buffer.from(bytes), Buffer.from(elf));
  assert.equal(authority, 1, "a deployer keeps the authority until it is dropped");
  assert.equal(await versionOf(world), "ours");
});

everywhere("an upgrade by its authority leaves open leases as they were", async (world) => {
  const open = await leases(world);
  const before = world.snapshot([open.funded, open.active, open.closing, world.market]);
  await upload(world, anotherVersion());
  assert.equal(await versionOf(world), "ours", "an upload is no upgrade");
  await world.good(await upgrade(world.program));
  nextSlot(world);
  assert.equal(await versionOf(world), "another");
  assert.deepEqual(world.snapshot(before.keys()), before);
  await settle(world, open);
});

everywhere("nobody else upgrades, takes the authority or closes the program", async (world) => {
  await upload(world, anotherVersion());
  for (const authority of ["stranger", "operator", "attestor"]) {
    await refused(world, `upgrade by ${authority}`, await upgrade(world.program, { authority }));
    await refused(world, `authority to ${authority}`,
      await setAuthority(world.program, { authority, next: authority }));
    await refused(world, `close by ${authority}`,
      await closeProgram(world.program, { authority }));
  }
  nextSlot(world);
  assert.equal(await versionOf(world), "ours");
});

everywhere("once the authority is dropped, the program is final", async (world) => {
  const open = await leases(world);
  await upload(world, anotherVersion());
  await world.good(await setAuthority(world.program));
  assert.equal((await code(world)).authority, 0);
  const final = /immutable/i;
  for (const [what, instruction] of [
    ["upgrade", await upgrade(world.program)],
    ["a new authority", await setAuthority(world.program, { next: "payer" })],
    ["close", await closeProgram(world.program)],
    ["extend", await extendProgram(world.program, 10_240)],
  ]) {
    const { text } = await refused(world, what, instruction);
    assert.match(text, final, what);
  }
  for (const authority of ["stranger", "operator"]) {
    await refused(world, authority, await upgrade(world.program, { authority }));
  }
  nextSlot(world);
  assert.equal(await versionOf(world), "ours");
  assert.deepEqual(Buffer.from((await code(world)).bytes), Buffer.from(elf));
  await settle(world, open);
});

everywhere("upgraded and then made final, open leases still end", async (world) => {
  const open = await leases(world);
  await upload(world, anotherVersion());
  await world.good(await upgrade(world.program), await setAuthority(world.program));
  nextSlot(world);
  assert.equal(await versionOf(world), "another");
  await upload(world, elf, "buffer2");
  await refused(world, "no way back", await upgrade(world.program, { buffer: "buffer2" }));
  await settle(world, open);
});

// The same file at another address is another program: it owns none of these leases.
everywhere("the same file deployed by somebody else has no say over a lease", async (world) => {
  const { active } = await leases(world);
  const imitation = wallets.other.address;
  await deploy(world, elf, "other");
  const result = await world.send([
    { ...world.call("stop", active, { how: HOW.served }), programAddress: imitation }]);
  assert.equal(result.code, ERROR.WRONG_OWNER);
});
