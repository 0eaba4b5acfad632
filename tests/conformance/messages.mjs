// Random transactions as @solana/kit makes them, each from a seed of its own: the same kit and seed
// give the same bytes on every machine.
import { createHash } from "node:crypto";

import { kit } from "../../program/client/deps.mjs";

export const KINDS = ["legacy", "v0", "lookups", "v1"];
export const MASKS = 16;  // the four limits of v1, each there or not
const MAX_BYTES = { legacy: 1232, v0: 1232, lookups: 1232, v1: 4096 };
const MAX_SIGNERS = 12;

const digest = (text) => createHash("sha256").update(text).digest();
const addressOf = (raw) => kit.getAddressDecoder().decode(raw);
export const base64 = (raw) => Buffer.from(raw).toString("base64");
export const base58 = (raw) => kit.getBase58Decoder().decode(raw);

/** sfc32: small, fast and good enough to choose with. */
export class Random {
  #state;

  constructor(seed) {
    const raw = digest(`${seed}`);
    this.#state = Uint32Array.from({ length: 4 }, (_, i) => raw.readUInt32LE(4 * i));
    this.#state[3] = 1;
    for (let i = 0; i < 12; ++i) this.word();
  }

  word() {
    const s = this.#state;
    const out = (s[0] + s[1] + s[3]) >>> 0;
    s[3] += 1;
    s[0] = s[1] ^ (s[1] >>> 9);
    s[1] = s[2] + (s[2] << 3);
    s[2] = ((s[2] << 21) | (s[2] >>> 11)) + out;
    return out;
  }

  below(n) { return this.word() % n; }
  chance(percent) { return this.below(100) < percent; }
  pick(list) { return list[this.below(list.length)]; }
  bytes(count) { return Uint8Array.from({ length: count }, () => this.word() & 0xff); }
}

/** A key whose text differs from `key` in the case of one letter: the order of keys must see it. */
function otherCase(key) {
  for (let at = 5; at < key.length; ++at) {
    const lower = key[at].toLowerCase();
    const text = key.slice(0, at) + (key[at] === lower ? key[at].toUpperCase() : lower)
      + key.slice(at + 1);
    if (text !== key && kit.isAddress(text)) return text;
  }
  return key;
}

function makeKeys() {
  const keys = Array.from({ length: 120 }, (_, i) => addressOf(digest(`key ${i}`)));
  keys.push(...keys.slice(0, 30).map(otherCase));
  // Leading zeros make shorter texts: the order must not depend on one length.
  for (let zeros = 1; zeros < 32; zeros += 3) {
    keys.push(addressOf(Buffer.concat([Buffer.alloc(zeros), digest(`short ${zeros}`)])
      .subarray(0, 32)));
  }
  keys.push("11111111111111111111111111111111", "ComputeBudget111111111111111111111111111111");
  return [...new Set(keys)];
}

const KEYS = makeKeys();
const TABLES = [0, 1, 2].map((i) => addressOf(digest(`table ${i}`)));
// What stands in a table is not in the message; who reads kit's answer back needs something there.
export const TABLE_KEYS = Array.from({ length: 256 }, (_, i) => KEYS[i % KEYS.length]);
const SIGNERS = await Promise.all(Array.from({ length: 24 }, (_, i) =>
  kit.createKeyPairSignerFromPrivateKeyBytes(digest(`signer ${i}`))));
const SIGNER_OF = new Map(SIGNERS.map((signer) => [signer.address, signer]));

/** Mostly a few bytes; now and then around where a length takes one more, or as many as fit. */
function dataLength(random, most) {
  if (random.chance(80)) return random.below(60);
  return Math.min(most, random.pick([126, 127, 128, 129, 255, 256, random.below(most)]));
}

function makeAccount(random, { payer, programs, tables, placed, signing }) {
  const signs = random.chance(signing);
  const key = signs ? random.pick(SIGNERS).address : random.pick(KEYS);
  if (programs.includes(key)) return { address: key, role: 0 };
  const role = (random.chance(50) ? 1 : 0) + (signs ? 2 : 0);
  if (!tables || signs || key === payer || random.chance(30)) return { address: key, role };
  // A table gives each key one place.
  if (!placed.has(key)) {
    placed.set(key, { lookupTableAddress: random.pick(TABLES), addressIndex: random.below(256) });
  }
  return { address: key, role, ...placed.get(key) };
}

function makeInstructions(random, kind, payer) {
  const known = {
    payer, tables: kind === "lookups", placed: new Map(), signing: random.pick([0, 10, 20, 60]),
  };
  known.programs = Array.from({ length: 1 + random.below(3) }, () => random.pick(KEYS));
  const many = random.chance(10);
  const count = many ? random.below(65) : random.below(6);
  const accounts = many ? 4 : random.chance(10) ? 60 : 9;
  return Array.from({ length: count }, () => ({
    programAddress: random.pick(known.programs),
    accounts: Array.from({ length: random.below(accounts) }, () => makeAccount(random, known)),
    data: random.bytes(dataLength(random, MAX_BYTES[kind] - 200)),
  }));
}

/** The limits whose bit is in `mask`, each anywhere in the range that kit lets through. */
function makeConfig(random, mask) {
  const all = [
    ["priorityFeeLamports", (BigInt(random.word()) << 32n) | BigInt(random.word())],
    ["computeUnitLimit", random.below(1_400_001)],
    ["loadedAccountsDataSizeLimit", random.word()],
    ["heapSize", 1024 * (32 + random.below(225))],
  ];
  return Object.fromEntries(all.filter((_, bit) => (mask & (1 << bit)) !== 0));
}

function compile(random, kind, mask) {
  const payer = random.pick(SIGNERS).address;
  const instructions = makeInstructions(random, kind, payer);
  const blockhash = addressOf(random.bytes(32));
  const version = kind === "legacy" ? kind : kind === "v1" ? 1 : 0;
  let message = kit.createTransactionMessage({ version });
  message = kit.setTransactionMessageFeePayer(payer, message);
  message = kit.setTransactionMessageLifetimeUsingBlockhash(
    { blockhash, lastValidBlockHeight: 0n }, message);
  if (kind === "v1") {
    message = kit.setTransactionMessageConfig(makeConfig(random, mask), message);
  }
  message = kit.appendTransactionMessageInstructions(instructions, message);
  const compiled = kit.compileTransaction(message);
  return { payer, instructions, blockhash, version: `${version}`, ...compiled };
}

/** One that fits. What kit refuses by its own rules, or is too long, is drawn again. */
function compileFitting(random, kind, mask) {
  for (;;) {
    try {
      const made = compile(random, kind, mask);
      const signers = Object.keys(made.signatures).length;
      const size = made.messageBytes.length + 64 * signers + (kind === "v1" ? 0 : 1);
      if (size <= MAX_BYTES[kind] && signers <= MAX_SIGNERS) return made;
    } catch (error) {
      if (error?.name !== "SolanaError") throw error;
    }
  }
}

/** All, some or none of the signatures, or 64 bytes that are none. */
async function signed(random, { messageBytes, signatures }) {
  const how = random.pick(["all", "some", "none", "junk"]);
  const out = {};
  for (const key of Object.keys(signatures)) {
    if (how === "junk") out[key] = random.bytes(64);
    else if (how === "all" || (how === "some" && random.chance(50))) {
      out[key] = await kit.signBytes(SIGNER_OF.get(key).keyPair.privateKey, messageBytes);
    } else out[key] = null;
  }
  return { signatures: out, junk: how === "junk" };
}

/** The transaction of a seed; kinds, and the limits of v1, take turns with it. */
export async function transactionOf(seed) {
  const random = new Random(seed);
  const kind = KINDS[seed % KINDS.length];
  const mask = Math.floor(seed / KINDS.length) % MASKS;
  const made = compileFitting(random, kind, mask);
  const { signatures, junk } = await signed(random, made);
  const wire = kit.getTransactionEncoder().encode({ ...made, signatures });
  return { ...made, seed, kind, mask, signatures, junk, wire };
}

/** Where the wire has counts and indexes, and which of them are shortvecs of one byte. */
function structure({ kind, wire, messageBytes }) {
  const start = kind === "v1" ? 0 : wire.length - messageBytes.length;
  if (kind === "v1") {
    return { head: [1, 2, 3, 4, 40, 41], lengths: [], behind: 42 + 32 * messageBytes[41] };
  }
  const header = start + (kind === "legacy" ? 0 : 1);
  const behind = header + 36 + 32 * wire[header + 3];
  return {
    head: [0, start, header, header + 1, header + 2, header + 3],
    lengths: [0, header + 3, behind], behind,
  };
}

/** Its wire with a few bytes changed, or a longer form of a length, or the end cut or overgrown. */
export function damaged(random, made) {
  const out = Uint8Array.from(made.wire);
  const { head, lengths, behind } = structure(made);
  if (lengths.length > 0 && random.chance(5)) {
    const at = random.pick(lengths);
    return Uint8Array.from([...out.subarray(0, at), out[at] | 0x80, 0, ...out.subarray(at + 1)]);
  }
  for (let changes = 1 + random.below(2); changes > 0; --changes) {
    const where = random.below(10);
    const at = where < 3 ? random.pick(head)
      : where < 8 ? behind + random.below(out.length - behind) : random.below(out.length);
    out[at] = random.chance(50) ? random.below(70) : out[at] ^ (1 << random.below(8));
  }
  if (random.chance(90)) return out;
  return random.chance(50) ? out.subarray(0, random.below(out.length))
    : Uint8Array.from([...out, ...random.bytes(1 + random.below(64))]);
}
