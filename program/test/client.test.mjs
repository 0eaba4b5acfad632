// The generated client itself: its types, its two spellings, and what it makes of hostile input.
// That its instructions do what they say is what all the other tests show on the built program.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { kit, load } from "../client/deps.mjs";
import * as obelisk from "../client/obelisk.mjs";
import { ROLE, wallets, World } from "./harness.mjs";

const ts = (await load("typescript")).default;
const folder = fileURLToPath(new URL("../client/", import.meta.url));

function typeErrors(change = (text) => text) {
  const path = `${folder}tsconfig.json`;
  const parsed = ts.parseJsonConfigFileContent(
    ts.readConfigFile(path, ts.sys.readFile).config, ts.sys, folder);
  const host = ts.createCompilerHost(parsed.options);
  const { readFile } = host;
  host.readFile = (name) => {
    const text = readFile.call(host, name);
    return name.endsWith("client_types.ts") ? change(text) : text;
  };
  host.getSourceFile = (name, options) => {
    const text = host.readFile(name);
    return text === undefined ? undefined : ts.createSourceFile(name, text, options);
  };
  const program = ts.createProgram(parsed.fileNames, parsed.options, host);
  return ts.getPreEmitDiagnostics(program)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
}

test("the TypeScript client and its use type-check; a wrong use does not", () => {
  assert.deepEqual(typeErrors(), []);
  const errors = typeErrors((text) => text.replaceAll("@ts-expect-error", ""));
  assert.equal(errors.length, 8, errors.join("\n"));
});

test("each module is its TypeScript without the types", () => {
  const strip = (text, fileName) => ts.transpileModule(text, {
    fileName, compilerOptions: { target: "ES2022", module: "ESNext", verbatimModuleSyntax: true },
  }).outputText;
  const names = readdirSync(folder).filter((name) => name.endsWith(".ts"));
  assert.deepEqual(names, ["accounts.ts", "instructions.ts", "obelisk.ts", "protocol.ts"]);
  for (const name of names) {
    const typed = readFileSync(folder + name, "utf8").replace(/from "\.\/(\w+)\.ts"/g,
      'from "./$1.mjs"');
    const plain = readFileSync(folder + name.replace(/ts$/, "mjs"), "utf8");
    assert.equal(strip(plain, name), strip(typed, name), name);
  }
});

test("a signer of kit is attached where it must sign, and nowhere else", () => {
  const { renter, host, treasury, attestor, stranger, program } = wallets;
  const parties = { program: program.address, lease: stranger.address, renter, host,
    treasury: treasury.address, attestor };
  const signing = (how) => obelisk.stop({ ...parties, how }).accounts
    .map(({ signer, role }) => [signer?.address, role]);
  const { WRITABLE, WRITABLE_SIGNER, READONLY_SIGNER } = ROLE;
  const [nobody, writes] = [undefined, WRITABLE];
  assert.deepEqual(signing(obelisk.HOW.served), [[nobody, writes],
    [renter.address, WRITABLE_SIGNER], [nobody, writes], [nobody, writes]]);
  assert.deepEqual(signing(obelisk.HOW.waive), [[nobody, writes], [nobody, writes],
    [host.address, WRITABLE_SIGNER], [nobody, writes]]);
  assert.deepEqual(signing(obelisk.HOW.dark), [[nobody, writes], [nobody, writes],
    [nobody, writes], [nobody, writes], [attestor.address, READONLY_SIGNER]]);
  assert.throws(() => obelisk.stop({ ...parties, attestor: undefined, how: obelisk.HOW.dark }),
    /needs the address of attestor/);
});

test("what does not fit is refused, never cut", () => {
  const what = { program: wallets.program.address, renter: wallets.renter.address,
    lease: wallets.stranger.address, host: wallets.host.address, market: wallets.other.address,
    bump: 255, nonce: 1n, marketRev: 1n, expiresAt: 1n, rate: 1n, seconds: 60, maxSeconds: 60,
    termsHash: new Uint8Array(32) };
  assert.equal(obelisk.open(what).data.length, 74);
  for (const change of [{ bump: 256 }, { nonce: -1n }, { nonce: 1n << 64n },
    { seconds: 2 ** 32 }, { expiresAt: 1n << 63n }, { termsHash: new Uint8Array(31) },
    { termsHash: new Uint8Array(33) }, { rate: undefined }]) {
    assert.throws(() => obelisk.open({ ...what, ...change }), Error, JSON.stringify(
      change, (_, value) => (typeof value === "bigint" ? `${value}` : value)));
  }
});

test("bytes that are no account of ours are refused", async () => {
  const world = await World.make("mainnet");
  const lease = await world.lease();
  const data = Uint8Array.from(world.svm.getAccount(lease).data);
  assert.equal(obelisk.decodeLease(data).state, obelisk.STATE.active);
  const { kind, version, state } = obelisk.LEASE_OFFSET;
  for (const [at, value] of [[kind, 1], [version, 2], [state, 0], [state, 4]]) {
    const changed = Uint8Array.from(data);
    changed[at] = value;
    assert.throws(() => obelisk.decodeLease(changed), /not .* of this program/, `${at}: ${value}`);
  }
  assert.throws(() => obelisk.decodeLease(data.subarray(1)), /not a lease/);
  assert.throws(() => obelisk.decodeLease(new Uint8Array(297)), /not a lease/);
  assert.throws(() => obelisk.decodeMarket(data), /not a market/);
});

test("the offsets are where the filters of getProgramAccounts must look", async () => {
  const world = await World.make("mainnet");
  const lease = await world.lease();
  const data = Uint8Array.from(world.svm.getAccount(lease).data);
  const at = (offset) => kit.getAddressDecoder().decode(data, offset);
  const { LEASE_OFFSET } = obelisk;
  for (const name of ["renter", "host", "treasury", "attestor"]) {
    assert.equal(at(LEASE_OFFSET[name]), world.address(name), name);
  }
  assert.equal(at(LEASE_OFFSET.market), world.market);
  assert.equal(data.length, obelisk.LEASE_SIZE);
});

test("events count only where the program itself logged them", async () => {
  const world = await World.make("mainnet");
  const { logs, events } = await world.good(obelisk.open(await world.purchase()));
  assert.equal(events.length, 1);
  const line = logs.find((one) => one.startsWith("Program data: "));
  const ours = world.program;
  const other = wallets.other.address;
  const read = (...lines) => obelisk.eventsOf(lines, ours);
  assert.deepEqual(read(`Program ${ours} invoke [1]`, line, `Program ${ours} success`), events);
  const inner = [`Program ${other} invoke [2]`, line, `Program ${other} success`];
  assert.deepEqual(read(line), []);
  assert.deepEqual(read(...inner), []);
  assert.deepEqual(read(`Program ${ours} invoke [1]`, ...inner, `Program ${ours} success`), []);
  assert.deepEqual(read(`Program ${ours} invoke [1]`, ...inner, line), events);
  assert.deepEqual(read(`Program ${ours} invoke [1]`, `Program ${ours} success`, line), []);
  assert.deepEqual(read(`Program ${other} invoke [1]`, `Program log: Program ${ours} invoke [2]`,
    line), []);
  const cut = Buffer.from(line.slice(14), "base64").subarray(1).toString("base64");
  assert.throws(() => read(`Program ${ours} invoke [1]`, `Program data: ${cut}`), /not an event/);
});

test("every instruction on a lease logs an event that the client reads", async () => {
  const world = await World.make("mainnet");
  const seen = [];
  const run = async (...instructions) => {
    const { events } = await world.good(...instructions);
    seen.push(...events.map(({ tag, state }) => [tag, state]));
  };
  const { TAG, STATE, HOW } = obelisk;
  const first = await world.purchase();
  await run(obelisk.open(first));
  await run(world.call("cancel", first.lease, { renterSigns: true }));
  const lease = await world.lease();
  await run(world.call("extend", lease, { totalSeconds: 7200 }));
  world.pass(60);
  await run(world.claim(lease, world.now));
  world.pass(600);
  await run(world.call("stop", lease, { how: HOW.dispute }));
  world.pass(21_601);
  await run(world.call("finish", lease));
  const next = await world.lease({}, { ready: false });
  await run(world.call("ready", next));
  assert.deepEqual(seen, [[TAG.open, STATE.funded], [TAG.cancel, STATE.closed],
    [TAG.extend, STATE.active], [TAG.claim, STATE.active], [TAG.stop, STATE.closing],
    [TAG.finish, STATE.closed], [TAG.ready, STATE.active]]);
});
