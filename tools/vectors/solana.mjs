#!/usr/bin/env node
/**
 * Writes tests/corpus/solana_messages.json: messages and program addresses as @solana/kit makes
 * them, which our own code must equal byte for byte. Run by hand when kit is updated, then read the
 * difference before committing it:
 *
 *   npm --prefix localnet ci && node tools/vectors/solana.mjs
 *
 * Everything comes from one seed: the same kit gives the same file.
 */
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";

const kKit = new URL("../../localnet/node_modules/@solana/kit/", import.meta.url);
const kOut = new URL("../../tests/corpus/solana_messages.json", import.meta.url);
const kit = await import(new URL("dist/index.node.mjs", kKit));
const { version: kKitVersion } = JSON.parse(readFileSync(new URL("package.json", kKit)));

const kSeed = "obelisk messages 1";
const kMessages = { legacy: 150, v0: 150, lookups: 30, v1: 40 };
const kProgramAddresses = 100;
const kMaxBytes = 1232;

// SHA-256 over a counter: random enough, and the same on every machine.
let drawn = 0;
let pool = Buffer.alloc(0);
function bytes(count) {
  while (pool.length < count) {
    const block = createHash("sha256").update(`${kSeed} ${drawn++}`).digest();
    pool = Buffer.concat([pool, block]);
  }
  const out = pool.subarray(0, count);
  pool = pool.subarray(count);
  return out;
}
const below = (n) => Number(bytes(6).readUIntBE(0, 6) % n);
const pick = (list) => list[below(list.length)];
const chance = (percent) => below(100) < percent;
const keyOf = (raw) => kit.getAddressDecoder().decode(raw);
const hex = (raw) => Buffer.from(raw).toString("hex");
const base64 = (raw) => Buffer.from(raw).toString("base64");

/** A key whose text differs from `key` in the case of one letter only. */
function otherCase(key) {
  for (let at = below(20); at < key.length; ++at) {
    const lower = key[at].toLowerCase();
    const swapped = key[at] === lower ? key[at].toUpperCase() : lower;
    const text = key.slice(0, at) + swapped + key.slice(at + 1);
    if (swapped !== key[at] && kit.isAddress(text)) return text;
  }
  return key;
}

function makeKeys() {
  const keys = [];
  for (let i = 0; i < 24; ++i) keys.push(keyOf(bytes(32)));
  for (let i = 0; i < 12; ++i) keys.push(otherCase(keys[i]));
  // Leading zeros make shorter texts: the order must not depend on one length.
  for (let zeros = 4; zeros <= 24; zeros += 4) {
    keys.push(keyOf(Buffer.concat([Buffer.alloc(zeros), bytes(32 - zeros)])));
  }
  keys.push("11111111111111111111111111111111", "ComputeBudget111111111111111111111111111111");
  return [...new Set(keys)];
}

const kKeys = makeKeys();
const kTables = [keyOf(bytes(32)), keyOf(bytes(32))];

function makeInstructions(payer, tables) {
  const programs = [pick(kKeys), pick(kKeys), pick(kKeys)].filter((key) => key !== payer);
  if (programs.length === 0) return makeInstructions(payer, tables);
  // A lookup table gives each key one place, and programs are never in one.
  const inTable = new Map();
  return Array.from({ length: 1 + below(5) }, () => {
    const accounts = Array.from({ length: below(9) }, () => {
      const key = pick(kKeys);
      const writable = !programs.includes(key) && chance(50);
      const role = (writable ? 1 : 0) + (chance(20) ? 2 : 0);
      if (!tables || role > 1 || programs.includes(key) || key === payer || chance(40)) {
        return { address: key, role };
      }
      if (!inTable.has(key)) inTable.set(key, { table: pick(kTables), index: below(256) });
      const { table, index } = inTable.get(key);
      return { address: key, role, lookupTableAddress: table, addressIndex: index };
    });
    return { programAddress: pick(programs), accounts, data: bytes(below(60)) };
  });
}

function configured(message) {
  let out = message;
  if (chance(70)) out = kit.setTransactionMessageComputeUnitLimit(1 + below(1_400_000), out);
  if (chance(50)) out = kit.setTransactionMessagePriorityFeeLamports(BigInt(below(1e9)), out);
  if (chance(50)) out = kit.setTransactionMessageLoadedAccountsDataSizeLimit(1 + below(1e6), out);
  if (chance(30)) out = kit.setTransactionMessageHeapSize(32768 + 1024 * below(100), out);
  return out;
}

function makeMessage(kind) {
  const payer = pick(kKeys);
  const blockhash = keyOf(bytes(32));
  const instructions = makeInstructions(payer, kind === "lookups");
  const version = kind === "legacy" ? "legacy" : kind === "v1" ? 1 : 0;
  let message = kit.createTransactionMessage({ version });
  message = kit.setTransactionMessageFeePayer(payer, message);
  const lifetime = { blockhash, lastValidBlockHeight: 0n };
  message = kit.setTransactionMessageLifetimeUsingBlockhash(lifetime, message);
  if (kind === "v1") message = configured(message);
  message = kit.appendTransactionMessageInstructions(instructions, message);
  const { messageBytes, signatures } = kit.compileTransaction(message);
  if (1 + 64 * Object.keys(signatures).length + messageBytes.length > kMaxBytes) {
    return makeMessage(kind);
  }
  return {
    kind,
    payer: kKeys.indexOf(payer),
    blockhash,
    instructions: instructions.map(({ programAddress, accounts, data }) => ({
      program: kKeys.indexOf(programAddress),
      // Key, role (1 writable, 2 signer), and whether a table holds it.
      accounts: accounts.map((account) => [
        kKeys.indexOf(account.address), account.role, account.lookupTableAddress ? 1 : 0,
      ]),
      data: hex(data),
    })),
    message: base64(messageBytes),
  };
}

async function makeProgramAddress() {
  const programAddress = pick(kKeys);
  const seeds = Array.from({ length: below(16) }, () => bytes(below(33)));
  const [address, bump] = await kit.getProgramDerivedAddress({ programAddress, seeds });
  return { program: programAddress, seeds: seeds.map(hex), address, bump };
}

function tryMessage(kind) {
  for (;;) {
    try {
      return makeMessage(kind);
    } catch (error) {
      // The few that kit refuses by its own rules are drawn again.
      if (error?.name !== "SolanaError") throw error;
    }
  }
}

const messages = Object.entries(kMessages).flatMap(([kind, count]) =>
  Array.from({ length: count }, () => tryMessage(kind)));
const programAddresses = [];
for (let i = 0; i < kProgramAddresses; ++i) programAddresses.push(await makeProgramAddress());

const lines = (list) => list.map((entry) => JSON.stringify(entry)).join(",\n");
writeFileSync(kOut, `{"kit":"${kKitVersion}","keys":[\n${lines(kKeys)}\n],"messages":[\n` +
  `${lines(messages)}\n],"program_addresses":[\n${lines(programAddresses)}\n]}\n`);
