/** The deploy and keygen tools, against a network of their own. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { chmodSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import * as kit from "@solana/kit";
import { kLoader } from "../tools/loader.mjs";
import {
  answering, call, clients, funded, launch, network, run, signNow, talking, temporaryDir, until,
  wireOf,
} from "./support.mjs";

async function keys(dir, ...names) {
  const files = names.map((name) => join(dir, `${name}.json`));
  const { code, stdout, stderr } = await run("../tools/keygen.mjs", files);
  assert.equal(code, 0, stderr);
  return stdout.trim().split("\n").map((line) => JSON.parse(line));
}

const deployArgs = (net, dir, so) => [
  "--rpc", net.url, "--payer", join(dir, "payer.json"), "--program", join(dir, "program.json"),
  "--so", so,
];
const deployWith = (net, dir, so, ...flags) =>
  run("../tools/deploy.mjs", [...deployArgs(net, dir, so), ...flags]);

function elfFile(dir, elf) {
  const path = join(dir, "program.so");
  writeFileSync(path, elf);
  return path;
}

/** The status error of a transaction that calls the program with nothing. */
async function callProgram(net, payer, program) {
  const transaction = await signNow(net, payer, [{ programAddress: program }]);
  const signature = await net.rpc.sendTransaction(wireOf(transaction), {
    encoding: "base64", skipPreflight: true,
  }).send();
  const status = await until("the call lands", async () => {
    const { value } = await call(net.url, "getSignatureStatuses", [signature]);
    return value[0];
  });
  return status.err;
}

test("keygen makes what is missing, for its owner alone, and keeps what is there", async (t) => {
  const dir = temporaryDir(t);
  const [made] = await keys(dir, "payer");
  assert.equal(made.made, true);
  assert.equal(statSync(made.file).mode & 0o777, 0o600);
  const before = readFileSync(made.file, "utf8");
  const bytes = Uint8Array.from(JSON.parse(before));
  assert.equal((await kit.createKeyPairSignerFromBytes(bytes)).address, made.address);
  const [kept] = await keys(dir, "payer");
  assert.deepEqual([kept.made, kept.address], [false, made.address]);
  assert.equal(readFileSync(made.file, "utf8"), before);
});

test("deploys, says when nothing is to do, upgrades, and survives kill -9", async (t) => {
  const net = await network(t);
  const { dir } = net;
  const [payer, program] = await keys(dir, "payer", "program");
  await call(net.url, "requestAirdrop", payer.address, 10_000_000_000);
  const caller = await funded(net);
  const elf = answering(0, 1200);
  const so = elfFile(dir, elf);

  const started = performance.now();
  const first = await deployWith(net, dir, so);
  const tookMs = performance.now() - started;
  assert.equal(first.code, 0, first.stderr);
  const result = JSON.parse(first.stdout);
  assert.equal(result.program, program.address);
  assert.equal(result.bytes, elf.length);
  assert.equal(result.elf_sha256, createHash("sha256").update(elf).digest("hex"));
  assert.equal(result.action, "deployed");
  assert.equal(result.transactions, 2 + Math.ceil(elf.length / 1000));
  t.diagnostic(`deployed ${elf.length} bytes in ${Math.round(tookMs)} ms with the node's start`);
  const landed = await call(net.url, "getTransaction", result.signature,
    { commitment: "confirmed", encoding: "base64", maxSupportedTransactionVersion: 0 });
  assert.equal(landed.meta.err, null);
  const [inner] = landed.meta.innerInstructions;
  assert.equal(inner.index, 1);
  assert.deepEqual(inner.instructions.map(({ stackHeight }) => stackHeight).slice(0, 1), [2]);
  assert.equal(await callProgram(net, caller, program.address), null);

  const again = JSON.parse((await deployWith(net, dir, so)).stdout);
  assert.deepEqual([again.action, again.transactions, again.signature], ["unchanged", 0, null]);

  elfFile(dir, answering(42, 4000));
  const upgraded = await deployWith(net, dir, so);
  assert.equal(upgraded.code, 0, upgraded.stderr);
  assert.equal(JSON.parse(upgraded.stdout).action, "upgraded");
  const custom = { InstructionError: [0, { Custom: 42 }] };
  assert.deepEqual(await callProgram(net, caller, program.address), custom);

  await net.end("SIGKILL");
  const second = await launch(dir);
  t.after(() => second.end("SIGKILL"));
  assert.deepEqual(await callProgram(clients(second), caller, program.address), custom);
});

test("what a program logs and returns is shown by simulation and history", async (t) => {
  const net = await network(t);
  const { dir } = net;
  const [payer, program] = await keys(dir, "payer", "program");
  await call(net.url, "requestAirdrop", payer.address, 10_000_000_000);
  const caller = await funded(net);
  const deployed = await deployWith(net, dir, elfFile(dir, talking()));
  assert.equal(deployed.code, 0, deployed.stderr);
  const wire = wireOf(await signNow(net, caller, [{ programAddress: program.address }]));
  const returned = { programId: program.address, data: ["BwAAAAAAAAA=", "base64"] };
  const settings = { encoding: "base64", commitment: "processed" };
  const { value } = await call(net.url, "simulateTransaction", wire, settings);
  assert.deepEqual(value.returnData, returned);
  const signature = await call(net.url, "sendTransaction", wire,
    { encoding: "base64", preflightCommitment: "processed" });
  const { meta } = await until("confirmed", () => call(net.url, "getTransaction", signature,
    { commitment: "confirmed", maxSupportedTransactionVersion: 0 }));
  assert.deepEqual(meta.returnData, returned);
  assert.equal(meta.logMessages[1].replace(/, .*/, ""), "Program log: 0x7");
  assert.equal(meta.computeUnitsConsumed, value.unitsConsumed);
});

test("a final program has no authority and refuses other code", async (t) => {
  const net = await network(t, ["--features", "all"]);
  const { dir } = net;
  const [payer] = await keys(dir, "payer", "program");
  await call(net.url, "requestAirdrop", payer.address, 10_000_000_000);
  const so = elfFile(dir, answering(0));
  const done = await deployWith(net, dir, so, "--final");
  assert.equal(done.code, 0, done.stderr);
  const again = await deployWith(net, dir, so, "--final");
  assert.equal(JSON.parse(again.stdout).action, "unchanged");
  elfFile(dir, answering(1));
  const other = await deployWith(net, dir, so);
  assert.equal(other.code, 2);
  assert.match(other.stderr, /is final/);
});

test("an upload that was cut off is carried on, and its lamports are not lost", async (t) => {
  const net = await network(t);
  const { dir } = net;
  const [payer] = await keys(dir, "payer", "program");
  await call(net.url, "requestAirdrop", payer.address, 10_000_000_000);
  const so = elfFile(dir, answering(0, 1200));
  const buffers = async () => (await call(net.url, "getProgramAccounts", kLoader, {
    encoding: "base64", commitment: "processed", filters: [{ dataSize: 37 + 9736 }],
  })).length;
  // Every other transaction is lost, so that the first run is caught in the middle of its writes.
  await call(net.url, "obelisk_fault", { kind: "drop", rate: 0.7, seed: 5 });
  const abort = new AbortController();
  const first = run("../tools/deploy.mjs", deployArgs(net, dir, so), abort.signal);
  await until("the buffer is there", async () => await buffers() === 1, 20_000);
  abort.abort();
  assert.notEqual((await first).code, 0);
  await call(net.url, "obelisk_fault", { kind: "none" });
  assert.equal(await buffers(), 1);
  const second = await deployWith(net, dir, so);
  assert.equal(second.code, 0, second.stderr);
  const { action, transactions } = JSON.parse(second.stdout);
  assert.equal(action, "deployed");
  assert.ok(transactions < 12, "the buffer was made already");
  assert.equal(await buffers(), 0);
});

test("a busy node and lost transactions only make it slower", async (t) => {
  const net = await network(t);
  const { dir } = net;
  const [payer] = await keys(dir, "payer", "program");
  await call(net.url, "requestAirdrop", payer.address, 10_000_000_000);
  const so = elfFile(dir, answering(0, 1200));
  await call(net.url, "obelisk_fault", { kind: "http_500", rate: 0.2, seed: 3, count: 5 });
  await call(net.url, "obelisk_fault", { kind: "http_429", rate: 0.2, seed: 3, count: 5 });
  await call(net.url, "obelisk_fault", { kind: "drop", rate: 0.3, seed: 4, count: 4 });
  const done = await deployWith(net, dir, so);
  assert.equal(done.code, 0, done.stderr);
  assert.equal(JSON.parse(done.stdout).action, "deployed");
});

test("says what is wrong and what to do", async (t) => {
  const net = await network(t);
  const { dir } = net;
  await keys(dir, "payer", "program");
  const so = elfFile(dir, answering(0));
  const poor = await deployWith(net, dir, so);
  assert.equal(poor.code, 4);
  assert.match(poor.stderr, /holds 0 lamports; \d+ are needed/);
  chmodSync(join(dir, "payer.json"), 0o644);
  const open = await deployWith(net, dir, so);
  assert.equal(open.code, 8);
  assert.match(open.stderr, /mode 0644/);
  chmodSync(join(dir, "payer.json"), 0o600);
  writeFileSync(so, "no ELF");
  assert.equal((await deployWith(net, dir, so)).code, 8);
  assert.equal((await run("../tools/deploy.mjs", ["--rpc", net.url])).code, 2);
  await net.end("SIGKILL");
  const nowhere = await deployWith(net, dir, elfFile(dir, answering(0)));
  assert.equal(nowhere.code, 6, nowhere.stderr);
});
