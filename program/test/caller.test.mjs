// The lease program called by another program. A call is fine where the signatures are there: an
// attestation names its lease, whoever carries it; a signature that is not there cannot be claimed.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { kit } from "../client/deps.mjs";
import * as obelisk from "../client/obelisk.mjs";
import { deploy } from "./deploy.mjs";
import { everywhere, moreWallets, RATE, ROLE, SOL, wallets } from "./harness.mjs";
import { differences } from "./hostile/play.mjs";

const { BOND_LAMPORTS, earned, fee, HOW, STATE } = obelisk;
const root = fileURLToPath(new URL("../../", import.meta.url));
await moreWallets("caller");

// Built as the program itself is: clang's BPF target, and our own linker.
function build() {
  const folder = mkdtempSync(join(tmpdir(), "obelisk-caller-"));
  try {
    const [object, file] = [join(folder, "caller.o"), join(folder, "caller.so")];
    execFileSync("clang++-19", ["--target=bpf", "-mcpu=v2", "-O2", "-std=c++20", "-ffreestanding",
      "-fno-exceptions", "-fno-rtti", "-fno-jump-tables", "-ffunction-sections", "-fdata-sections",
      "-Wall", "-Wextra", "-Werror", "-mllvm", "-bpf-stack-size=4096", `-I${root}`,
      `-I${root}src`, "-c", join(root, "program/test/caller/caller.cpp"), "-o", object]);
    execFileSync(process.env.OBELISK_SBPF_LD ?? join(root, "build/bin/sbpf-ld"),
      ["-o", file, object]);
    return new Uint8Array(readFileSync(file));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
const callerElf = build();

const TRY = { ownAddress: 1, claimSignature: 2, dropSignatures: 4, twice: 8, log: 16 };

// The instruction to the caller that has it send `inner`.
const through = (inner, { tries = 0, which = 0, bump = 0 } = {}) => ({
  programAddress: wallets.caller.address,
  accounts: [{ address: inner.programAddress, role: ROLE.READONLY }, ...inner.accounts],
  data: Uint8Array.from([tries, which, bump, ...inner.data]),
});
const at = (instruction, index, role) => ({ ...instruction,
  accounts: instruction.accounts.map((it, i) => (i === index ? { ...it, role } : it)) });

const ownAddress = () => kit.getProgramDerivedAddress({
  programAddress: wallets.caller.address, seeds: ["caller"] });

const everyCall = (name, body) => everywhere(name, async (world) => {
  await deploy(world, callerElf, "caller");
  await body(world);
});

async function refused(world, lease, expected, what, ...instructions) {
  const before = world.snapshot([lease,
    ...["renter", "host", "treasury"].map((name) => world.address(name))]);
  const result = await world.send(instructions);
  assert.equal(result.failed, true, what);
  if (typeof expected === "string") {
    assert.equal(result.code, obelisk.ERROR[expected], `${what}: ${result.text}`);
  } else {
    assert.match(result.logs.join("\n"), expected, what);
  }
  assert.deepEqual(differences(before, world.snapshot(before.keys())), [], `${what}: no change`);
}
const ESCALATION = /signer privilege escalated/;
const NO_ADDRESS = /signer privilege escalated|do not result in a valid address/;

everyCall("a claim through a call is paid as any other", async (world) => {
  const lease = await world.lease();
  world.pass(600);
  const [proof, claim] = world.claim(lease, world.now);
  const changes = await world.changes(async () => {
    const { events } = await world.good(proof, through(claim));
    assert.equal(events.length, 1);
    assert.equal(events[0].lease, lease);
  });
  const total = earned(RATE, 600);
  assert.deepEqual([changes.host, changes.treasury], [total - fee(total, 250), fee(total, 250)]);
});

everyCall("a claim through a call needs its proof before the outer instruction", async (world) => {
  const lease = await world.lease();
  const other = await world.lease();
  world.pass(600);
  const [proof, claim] = world.claim(lease, world.now);
  await refused(world, lease, "NO_ED25519", "none", through(claim));
  await refused(world, lease, "NO_ED25519", "behind it", through(claim), proof);
  await refused(world, lease, "NO_ED25519", "once for two", proof, through(claim), through(claim));
  await refused(world, lease, "WRONG_MESSAGE", "another lease's",
    world.claim(other, world.now)[0], through(claim));
  await refused(world, lease, "WRONG_ATTESTOR", "the host's own",
    world.claim(lease, world.now, { by: "host" })[0], through(claim));
});

everyCall("one proof called for twice is paid once", async (world) => {
  const lease = await world.lease();
  world.pass(600);
  const [proof, claim] = world.claim(lease, world.now);
  const changes = await world.changes(async () => {
    const { events } = await world.good(proof, through(claim, { tries: TRY.twice }));
    assert.equal(events.length, 2);
    assert.equal(events[1].toHost + events[1].toTreasury, 0n);
  });
  assert.equal(changes.host + changes.treasury, earned(RATE, 600));
});

everyCall("a signature reaches the program through a call, and only a real one", async (world) => {
  const [, bump] = await ownAddress();
  for (const [how, index] of [[HOW.served, 1], [HOW.dispute, 1], [HOW.waive, 2], [HOW.dark, 4]]) {
    const lease = await world.lease();
    world.pass(100);
    const stop = world.call("stop", lease, { how });
    await refused(world, lease, "NOT_SIGNER", `how = ${how}, dropped`,
      through(stop, { tries: TRY.dropSignatures }));
    const unsigned = at(stop, index, index === 4 ? ROLE.READONLY : ROLE.WRITABLE);
    await refused(world, lease, "NOT_SIGNER", `how = ${how}, unsigned`, through(unsigned));
    await refused(world, lease, ESCALATION, `how = ${how}, made up`,
      through(unsigned, { tries: TRY.claimSignature, which: index }));
    await refused(world, lease, ESCALATION, `how = ${how}, by the caller's seeds`,
      through(unsigned, { tries: TRY.ownAddress, which: index, bump }));
    await world.good(through(stop));
    assert.notEqual(world.exists(lease) && world.read(lease).state, STATE.active);
  }
});

everyCall("a lease called closed twice is paid out once", async (world) => {
  const lease = await world.lease();
  world.pass(100);
  await refused(world, lease, "WRONG_OWNER", "stop, twice in one call",
    through(world.call("stop", lease, { how: HOW.served }), { tries: TRY.twice }));
});

everyCall("a call cannot make writable what the transaction made read-only", async (world) => {
  const lease = await world.lease();
  world.pass(100);
  const stop = world.call("stop", lease, { how: HOW.served });
  for (const index of [0, 2, 3]) {
    await refused(world, lease, "NOT_WRITABLE", `account ${index}`,
      through(at(stop, index, ROLE.READONLY)));
  }
});

// A vault, a fund or an agent's account: the renter is an address of a program.
everyCall("a program's address can be the renter, and signs by its seeds alone", async (world) => {
  const [renter, bump] = await ownAddress();
  world.fund(renter, SOL);
  const purchase = await world.purchase({ renter });
  const asRole = (instruction, index) => at(instruction, index, ROLE.WRITABLE);
  const open = asRole(obelisk.open(purchase), 0);
  await refused(world, purchase.lease, "NOT_SIGNER", "open, unsigned", through(open));
  await refused(world, purchase.lease, NO_ADDRESS, "open, another bump",
    through(open, { tries: TRY.ownAddress, which: 0, bump: bump - 1 }));
  await world.good(through(open, { tries: TRY.ownAddress, which: 0, bump }));
  assert.equal(world.balance(renter), SOL - RATE - BOND_LAMPORTS);
  const { lease } = purchase;
  await world.good(world.call("ready", lease));
  world.pass(600);
  const stop = asRole(world.call("stop", lease, { how: HOW.served }), 1);
  await refused(world, lease, "NOT_SIGNER", "stop, unsigned", through(stop));
  await refused(world, lease, ESCALATION, "stop, made up",
    through(stop, { tries: TRY.claimSignature, which: 1 }));
  await world.good(through(stop, { tries: TRY.ownAddress, which: 1, bump }));
  assert.equal(world.balance(renter), SOL - earned(RATE, 600));
});

everyCall("bytes that another program logs are no event", async (world) => {
  const lease = await world.lease();
  world.pass(600);
  const claim = world.claim(lease, world.now);
  const [real] = (await world.good(...claim)).events;
  assert.equal(real.lease, lease);
  // The caller logs what it passes on; the program refuses it, so it is sent to nobody who minds.
  const event = new Uint8Array(80);
  event.set(Buffer.from("OBK1"));
  const system = { programAddress: obelisk.SYSTEM_PROGRAM, accounts: [
    { address: world.address("stranger"), role: ROLE.READONLY }], data: event };
  const result = await world.send([through(system, { tries: TRY.log })]);
  assert.ok(result.logs.some((line) => line.startsWith("Program data: T0JLMQ")));
  assert.deepEqual(obelisk.eventsOf(result.logs, world.program), []);
});
