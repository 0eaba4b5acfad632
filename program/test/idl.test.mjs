// build/program/idl.json as tools read it: valid by the standard's own rules, and when Codama's
// decoders work from it alone, they read the built program's accounts, events and instructions as
// the client does, which the other tests have proven on the chain.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { pathToFileURL } from "node:url";

import { kit, load } from "../client/deps.mjs";
import * as obelisk from "../client/obelisk.mjs";
import { programPath, RATE, wallets, World } from "./harness.mjs";

const { getNodeCodec } = await load("@codama/dynamic-codecs");
const { getValidationItemsVisitor } = await load("@codama/validators");

const home = programPath instanceof URL ? programPath : pathToFileURL(programPath);
const idl = JSON.parse(readFileSync(new URL("idl.json", home), "utf8"));
const { program } = idl;
const codec = (node) => getNodeCodec([idl, program, node], { bytesEncoding: "base16" });
const nodeOf = (list, name) => program[list].find((node) => node.name === name);

// Both sides in one form: bytes as text, as Codama's decoders give them, and whole numbers of any
// size as text too, since the decoders give small ones of 64 bits as they like.
const plain = (value) => {
  if (value instanceof Uint8Array) return ["base16", Buffer.from(value).toString("hex")];
  if (typeof value === "bigint") return `${value}`;
  if (value === null || typeof value !== "object" || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plain(inner)]));
};
const same = (actual, expected) => assert.deepEqual(plain(actual), plain(expected));

test("the standard's own rules find nothing wrong in it", () => {
  const items = getValidationItemsVisitor().visitRoot(idl);
  const serious = items.filter(({ level }) => level === "error" || level === "warn");
  assert.deepEqual(serious.map(({ message, node }) => `${node.kind} ${node.name}: ${message}`), []);
  assert.equal(idl.standard, "codama");
  assert.equal(program.name, "obelisk");
});

test("the rules do find a link that leads nowhere", () => {
  const broken = structuredClone(idl);
  broken.program.definedTypes = [];
  const items = getValidationItemsVisitor().visitRoot(broken);
  assert.ok(items.some(({ level }) => level === "error"));
});

// Every instruction of the client, with each field filled by something.
const any = {
  program: wallets.program.address, operator: wallets.operator.address,
  market: wallets.other.address, treasury: wallets.treasury.address,
  attestor: wallets.attestor.address, renter: wallets.renter.address, host: wallets.host.address,
  lease: wallets.stranger.address, bump: 1, nonce: 2n, marketRev: 3n, expiresAt: 4n, rate: 5n,
  seconds: 6, maxSeconds: 7, termsHash: new Uint8Array(32).fill(7), openedSlot: 8n,
  totalSeconds: 9, how: obelisk.HOW.dark, renterSigns: false,
  terms: { paused: 0, feeBps: 1, readyDeadlineS: 2, gapLimitS: 3, claimWindowS: 4,
    attestor: wallets.attestor.address },
};

for (const instruction of program.instructions) {
  test(`${instruction.name} has the accounts and the data of the client`, () => {
    const built = obelisk[instruction.name](any);
    const roles = instruction.accounts.map(({ isSigner, isWritable }) =>
      (isSigner === true ? 2 : 0) + (isWritable ? 1 : 0));
    assert.deepEqual(built.accounts.map(({ role }) => role), roles);
    for (const [i, account] of instruction.accounts.entries()) {
      const address = account.defaultValue?.publicKey ?? any[account.name];
      assert.equal(built.accounts[i].address, address, account.name);
    }
    const read = codec(instruction).decode(built.data);
    assert.equal(read.discriminator, obelisk.TAG[instruction.name]);
    for (const argument of instruction.arguments.slice(1)) {
      same(read[argument.name], any[argument.name]);
    }
    assert.deepEqual(codec(instruction).encode(read), built.data);
  });
}

test("it has all instructions, accounts and errors", () => {
  const names = (list) => program[list].map(({ name }) => name);
  assert.deepEqual(names("instructions"), Object.keys(obelisk.TAG));
  assert.deepEqual(names("accounts"), ["market", "lease"]);
  assert.deepEqual(names("pdas"), ["market", "lease"]);
  assert.deepEqual(program.errors.map(({ code }) => code), Object.values(obelisk.ERROR));
  const camel = (name) => name.toLowerCase().replace(/_(.)/g, (_, letter) => letter.toUpperCase());
  assert.deepEqual(names("errors"), Object.keys(obelisk.ERROR).map(camel));
  for (const { code, message } of program.errors) {
    const { meaning, action } = obelisk.errorOf(code);
    assert.equal(message, `${meaning} ${action}`);
  }
});

test("tools that know the IDL alone read market, lease and event of the real program", async () => {
  const world = await World.make("mainnet");
  const purchase = await world.purchase();
  const { logs, events } = await world.good(obelisk.open(purchase));
  await world.good(world.call("ready", purchase.lease));

  const bytes = (address) => Uint8Array.from(world.svm.getAccount(address).data);
  for (const [name, address, decode] of [["market", world.market, obelisk.decodeMarket],
    ["lease", purchase.lease, obelisk.decodeLease]]) {
    const read = codec(nodeOf("accounts", name)).decode(bytes(address));
    same(read, decode(bytes(address)));
    assert.equal(nodeOf("accounts", name).size, bytes(address).length);
  }
  assert.equal(codec(nodeOf("accounts", "lease")).decode(bytes(purchase.lease)).rate, RATE);

  const line = logs.find((one) => one.startsWith("Program data: "));
  const event = codec(program.events[0].data).decode(
    kit.getBase64Encoder().encode(line.slice("Program data: ".length)));
  same(event, events[0]);
});

test("the seeds that it names lead to the client's addresses", async () => {
  const nonce = 7n;
  const seedBytes = (seed, values) => (seed.kind === "constantPdaSeedNode" ? seed.value.string
    : Uint8Array.from(codec(seed.type).encode(values[seed.name])));
  const derive = (name, values) => kit.getProgramDerivedAddress({
    programAddress: any.program, seeds: nodeOf("pdas", name).seeds.map((s) => seedBytes(s, values)),
  });
  assert.deepEqual(await derive("market", { operator: any.operator }),
    await obelisk.findMarket(any.program, any.operator));
  assert.deepEqual(await derive("lease", { renter: any.renter, nonce }),
    await obelisk.findLease(any.program, any.renter, nonce));
});

test("where an instruction says enough, a tool finds address and bump by itself", () => {
  const defaults = program.instructions.flatMap(({ name, accounts, arguments: given }) => [
    ...accounts.filter(({ defaultValue }) => defaultValue?.kind === "pdaValueNode")
      .map((account) => `${name} ${account.name}: ${account.defaultValue.seeds
        .map(({ value }) => `${value.kind} ${value.name}`).join(", ")}`),
    ...given.filter(({ defaultValue }) => defaultValue?.kind === "accountBumpValueNode")
      .map(({ defaultValue }) => `${name} bump of ${defaultValue.name}`),
  ]);
  assert.deepEqual(defaults, [
    "createMarket market: accountValueNode operator", "createMarket bump of market",
    "updateMarket market: accountValueNode operator",
    "open lease: accountValueNode renter, argumentValueNode nonce", "open bump of lease",
  ]);
});
