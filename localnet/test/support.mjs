/** What the tests share: a network of their own, kit's clients for it, and tiny programs. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import * as kit from "@solana/kit";
import WebSocket from "ws";
import { parseJson, writeJson } from "../lib/json.mjs";

const kCommand = fileURLToPath(new URL("../bin/localnet.mjs", import.meta.url));
export const kSystem = "11111111111111111111111111111111";
const kRunMs = 60_000;
export const kSol = 1_000_000_000n;

/** A directory that goes away with the test. */
export function temporaryDir(t) {
  const dir = mkdtempSync(join(tmpdir(), "localnet-"));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** Runs a program of ours to its end, which comes within kRunMs, or when `signal` aborts it. */
export async function run(file, args, signal) {
  const path = fileURLToPath(new URL(file, import.meta.url));
  const child = spawn(process.execPath, [path, ...args],
    { timeout: kRunMs, signal, killSignal: "SIGKILL" });
  child.on("error", (error) => {
    if (error.name !== "AbortError") throw error;
  });
  const closed = new Promise((resolve) => { child.on("close", resolve); });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (data) => { stdout += data; });
  child.stderr.on("data", (data) => { stderr += data; });
  const code = await closed;
  return { code, stdout, stderr };
}

/**
 * Starts the command; resolves once it has printed its line. With `fileBlocks` no file of it may
 * grow past so many KiB, which is as near to a full disk as a test may come.
 */
export async function launch(dir, flags = [], { fileBlocks } = {}) {
  const args = [kCommand, "--state", join(dir, "chain"), "--port", "0", "--ws-port", "0", ...flags];
  const limit = fileBlocks === undefined ? "" : `ulimit -f ${fileBlocks}; `;
  const child = spawn("bash", ["-c", `${limit}exec "$0" "$@"`, process.execPath, ...args],
    { stdio: ["ignore", "pipe", "pipe"] });
  let told = "";
  child.stderr.on("data", (data) => { told += data; });
  const exited = once(child, "exit");
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const first = await Promise.race([lines.next(), exited.then(() => ({ done: true }))]);
  if (first.done) throw new Error(`localnet ended before it was ready: ${told}`);
  const { rpc, ws, nodes = [{ rpc, ws }] } = JSON.parse(first.value);
  return {
    url: rpc,
    ws,
    nodes,
    told: () => told,
    /** Resolves with its exit code, null after a signal. */
    ended: () => exited.then(([code]) => code),
    async end(signal) {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      const [code] = await exited;
      return code;
    },
  };
}

/** A network that the tests of one file share; each test has accounts of its own on it. */
export function sharedNetwork(flags = []) {
  const net = {};
  const dir = mkdtempSync(join(tmpdir(), "localnet-"));
  before(async () => {
    const process = await launch(dir, flags);
    Object.assign(net, clients(process), { end: process.end, told: process.told });
  });
  after(async () => {
    await net.end?.("SIGKILL");
    rmSync(dir, { recursive: true, force: true });
    if (net.told?.().includes("bug:")) throw new Error(net.told());
  });
  return net;
}

/** A network for one test, with kit's clients. */
export async function network(t, flags = [], dir = temporaryDir(t)) {
  const process = await launch(dir, flags);
  t.after(async () => {
    await process.end("SIGKILL");
    if (process.told().includes("bug:")) throw new Error(process.told());
  });
  return { ...clients(process), end: process.end, dir };
}

export function clients({ url, ws, nodes }) {
  const rpc = kit.createSolanaRpc(url);
  const rpcSubscriptions = kit.createSolanaRpcSubscriptions(ws);
  return {
    url, ws, nodes, rpc, rpcSubscriptions,
    airdrop: kit.airdropFactory({ rpc, rpcSubscriptions }),
    sendAndConfirm: kit.sendAndConfirmTransactionFactory({ rpc, rpcSubscriptions }),
  };
}

/** The whole answer of a plain request, with exact integers. */
export async function post(url, body) {
  const text = typeof body === "string" ? body : writeJson(body);
  const response = await fetch(url, { method: "POST", body: text });
  const reply = await response.text();
  let json;
  try {
    json = parseJson(reply);
  } catch {
    json = undefined;
  }
  return { status: response.status, headers: response.headers, json };
}

/** The result of a method; throws its error. */
export async function call(url, method, ...params) {
  const { json } = await post(url, { jsonrpc: "2.0", id: 1, method, params });
  if (json.error !== undefined) throw Object.assign(new Error(json.error.message), json.error);
  return json.result;
}

/** A bare socket that keeps what it is told, and texts that are not JSON as they are. */
export async function socket(t, url) {
  const ws = new WebSocket(url);
  t.after(() => ws.terminate());
  const told = [];
  ws.on("message", (text) => told.push(valueOf(text)));
  await once(ws, "open");
  return {
    ws, told,
    async ask(method, ...params) {
      const id = Math.random();
      ws.send(JSON.stringify({ jsonrpc: "2.0", id, method, params }));
      const reply = await until(method, () => told.find((message) => message?.id === id));
      return reply.error ?? reply.result;
    },
  };
}

function valueOf(text) {
  try {
    return JSON.parse(text);
  } catch {
    return String(text);
  }
}

export function transferOf(from, to, lamports) {
  const data = Buffer.alloc(12);
  data.writeUInt32LE(2, 0);
  data.writeBigUInt64LE(lamports, 4);
  return {
    programAddress: kSystem,
    accounts: [
      { address: from.address, role: kit.AccountRole.WRITABLE_SIGNER, signer: from },
      { address: to, role: kit.AccountRole.WRITABLE },
    ],
    data: Uint8Array.from(data),
  };
}

export async function sign(lifetime, payer, instructions, version = 0) {
  const message = kit.pipe(
    kit.createTransactionMessage({ version }),
    (m) => kit.setTransactionMessageFeePayerSigner(payer, m),
    (m) => kit.setTransactionMessageLifetimeUsingBlockhash(lifetime, m),
    (m) => kit.appendTransactionMessageInstructions(instructions, m),
  );
  return kit.signTransactionMessageWithSigners(message);
}

/** Signs with the newest blockhash of a commitment. */
export async function signNow(net, payer, instructions, commitment = "processed") {
  const { value } = await net.rpc.getLatestBlockhash({ commitment }).send();
  return sign(value, payer, instructions);
}

export const wireOf = (transaction) => kit.getBase64EncodedWireTransaction(transaction);

/** A new signer that holds lamports. */
export async function funded(net, lamports = 10n * kSol) {
  const signer = await kit.generateKeyPairSigner();
  await call(net.url, "requestAirdrop", signer.address, lamports);
  return signer;
}

/** Waits for something to become true, asking often; fails loudly when it does not. */
export async function until(what, ask, withinMs = 8_000) {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > deadline) throw new Error(`waited ${withinMs} ms in vain: ${what}`);
    await sleep(5);
  }
}

const kFirstInstruction = 120;
const kTextBase = 0x1_0000_0000n;
const kMachine = 247;

/**
 * The smallest sBPF v3 program: a header, one executable segment, and instructions of 8 bytes.
 * @param {number[][]} instructions
 */
export function elfOf(instructions) {
  const code = Buffer.from(instructions.flat());
  const elf = Buffer.alloc(kFirstInstruction + code.length);
  Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]).copy(elf);
  elf.writeUInt16LE(3, 16);
  elf.writeUInt16LE(kMachine, 18);
  elf.writeUInt32LE(1, 20);
  elf.writeBigUInt64LE(kTextBase, 24);
  elf.writeBigUInt64LE(64n, 32);
  elf.writeUInt32LE(3, 48);
  elf.writeUInt16LE(64, 52);
  elf.writeUInt16LE(56, 54);
  elf.writeUInt16LE(1, 56);
  elf.writeUInt32LE(1, 64);
  elf.writeUInt32LE(1, 68);
  elf.writeBigUInt64LE(BigInt(kFirstInstruction), 72);
  elf.writeBigUInt64LE(kTextBase, 80);
  elf.writeBigUInt64LE(kTextBase, 88);
  elf.writeBigUInt64LE(BigInt(code.length), 96);
  elf.writeBigUInt64LE(BigInt(code.length), 104);
  elf.writeBigUInt64LE(8n, 112);
  code.copy(elf, kFirstInstruction);
  return elf;
}

const immediate = (value) => [...new Uint8Array(Uint32Array.of(value).buffer)];
const kExit = [0x95, 0, 0, 0, 0, 0, 0, 0];
const kSolLog64 = 0x5c2a3178;
const kSolSetReturnData = 0xa226d3eb;
const kMinus8 = 0xfffffff8;

/** A program that answers with a custom error; 0 is success. */
export const answering = (value, padding = 0) => elfOf([
  [0xb7, 0, 0, 0, ...immediate(value)], kExit,
  ...Array.from({ length: padding }, () => kExit),
]);

/** A program that logs five numbers, the first 7, and returns the eight bytes of 7. */
export const talking = () => elfOf([
  [0xb7, 1, 0, 0, ...immediate(7)], [0x85, 0, 0, 0, ...immediate(kSolLog64)],
  [0xb7, 2, 0, 0, ...immediate(7)], [0x7b, 0x2a, 0xf8, 0xff, 0, 0, 0, 0],
  [0xbf, 0xa1, 0, 0, 0, 0, 0, 0], [0x07, 1, 0, 0, ...immediate(kMinus8)],
  [0xb7, 2, 0, 0, ...immediate(8)], [0x85, 0, 0, 0, ...immediate(kSolSetReturnData)],
  [0xb7, 0, 0, 0, ...immediate(0)], kExit,
]);
