// @solana/kit's side of ./dev bench chain: chain_bench.cpp, word for word, with kit's decoders and
// our generated client. Where kit leaves a choice, the cheaper one is taken: instructions are
// resolved by index here, since kit's own decompiling copies more than is asked for.
//
//   node chain_kit.mjs MESSAGES-FILE RECORDS-FILE
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";

import { kit } from "../../program/client/deps.mjs";
import { eventsOf, HOW, TAG } from "../../program/client/obelisk.mjs";

const transactionDecoder = kit.getTransactionDecoder();
const messageDecoder = kit.getCompiledTransactionMessageDecoder();
const addressDecoder = kit.getAddressDecoder();
const addressEncoder = kit.getAddressEncoder();
const NOTHING = new Uint8Array();

// --- input ---

class Reader {
  #bytes;
  #view;
  #at = 0;

  constructor(bytes) {
    this.#bytes = new Uint8Array(bytes);
    this.#view = new DataView(this.#bytes.buffer);
  }
  u32() { return this.#view.getUint32((this.#at += 4) - 4, true); }
  u64() { return this.#view.getBigUint64((this.#at += 8) - 8, true); }
  i64() { return this.#view.getBigInt64((this.#at += 8) - 8, true); }
  // A copy: what is decoded must not keep the whole file.
  bytes(length) { return this.#bytes.slice(this.#at, this.#at += length); }
  sized() { return this.bytes(this.u32()); }
  text() { return Buffer.from(this.sized()).toString(); }
  list(read) { return Array.from({ length: this.u32() }, read); }
}

function readInput([messagesFile, recordsFile]) {
  const messages = new Reader(readFileSync(messagesFile));
  const records = new Reader(readFileSync(recordsFile));
  return {
    messages: messages.list(() => messages.sized()),
    program: addressDecoder.decode(records.bytes(32)),
    records: records.list(() => ({
      slot: records.u64(), blockIndex: records.u32(), time: records.i64(), fee: records.u64(),
      units: records.u64(), error: records.text(), wire: records.sized(),
      logs: records.list(() => records.text()),
    })),
  };
}

// --- decoding ---

function resolved(message, program, indexes, data) {
  const { header, staticAccounts: keys, addressTableLookups } = message;
  const signers = header.numSignerAccounts;
  const writableSigners = signers - header.numReadonlySignerAccounts;
  const writableKeys = keys.length - header.numReadonlyNonSignerAccounts;
  let writableEnd = keys.length;
  for (const lookup of addressTableLookups ?? []) writableEnd += lookup.writableIndexes.length;
  const accounts = indexes.map((i) => ({
    address: keys[i], signer: i < signers,
    writable: i < signers ? i < writableSigners
      : i < keys.length ? i < writableKeys : i < writableEnd,
  }));
  return { programAddress: keys[program], accounts, data };
}

function instructionsOf(message) {
  if (message.version !== 1) {
    return message.instructions.map(({ programAddressIndex, accountIndices, data }) =>
      resolved(message, programAddressIndex, accountIndices ?? [], data ?? NOTHING));
  }
  return message.instructionHeaders.map(({ programAccountIndex }, i) => {
    const { instructionAccountIndices, instructionData } = message.instructionPayloads[i];
    return resolved(message, programAccountIndex, instructionAccountIndices, instructionData);
  });
}

function decode(wire) {
  const { messageBytes, signatures } = transactionDecoder.decode(wire);
  const message = messageDecoder.decode(messageBytes);
  return { message, signatures, instructions: instructionsOf(message) };
}

const openDecoder = kit.getStructDecoder([
  ["tag", kit.getU8Decoder()], ["bump", kit.getU8Decoder()], ["nonce", kit.getU64Decoder()],
  ["marketRev", kit.getU64Decoder()], ["expiresAt", kit.getI64Decoder()],
  ["rate", kit.getU64Decoder()], ["seconds", kit.getU32Decoder()],
  ["maxSeconds", kit.getU32Decoder()],
  ["termsHash", kit.fixDecoderSize(kit.getBytesDecoder(), 32)],
]);
const secondsDecoder = kit.getU32Decoder();
const HOWS = Object.values(HOW);
// Which accounts are the lease, the renter, the host and the market.
const PLACES = {
  [TAG.createMarket]: { market: 1 }, [TAG.updateMarket]: { market: 1 },
  [TAG.open]: { lease: 1, renter: 0, host: 2, market: 3 }, [TAG.ready]: { lease: 1 },
  [TAG.cancel]: { lease: 0, renter: 1 }, [TAG.extend]: { lease: 1, renter: 0 },
  [TAG.claim]: { lease: 0, renter: 1, host: 2 }, [TAG.stop]: { lease: 0, renter: 1, host: 2 },
  [TAG.finish]: { lease: 0, renter: 1, host: 2 },
};

/** One call of our program, from its instruction and its event. */
function stepOf({ accounts, data }, at, number, event) {
  const tag = data[0];
  const places = PLACES[tag];
  const step = {
    number, instruction: at, tag, lease: event?.lease ?? accounts[places.lease]?.address,
    state: event?.state, toHost: event?.toHost, toTreasury: event?.toTreasury,
    toRenter: event?.toRenter, provenUntil: event?.provenUntil, stoppedAt: event?.stoppedAt,
    market: accounts[places.market]?.address, renter: accounts[places.renter]?.address,
    host: accounts[places.host]?.address,
  };
  if (tag === TAG.open) {
    const { nonce, rate, seconds, maxSeconds, termsHash } = openDecoder.decode(data);
    return { ...step, nonce, rate, seconds, maxSeconds, termsHash };
  }
  if (tag === TAG.extend) return { ...step, seconds: secondsDecoder.decode(data, 1) };
  if (tag === TAG.stop) return { ...step, how: HOWS[data[1]] };
  if (tag === TAG.cancel) return { ...step, renterSigned: accounts[1].signer };
  return step;
}

function rowsOf(record, program) {
  const { message, signatures, instructions } = decode(record.wire);
  const payer = message.staticAccounts[0];
  const row = {
    signature: signatures[payer], slot: record.slot, blockIndex: record.blockIndex,
    time: record.time, version: message.version, payer, fee: record.fee, units: record.units,
    error: record.error, steps: [],
  };
  if (record.error !== "") return row;
  const events = eventsOf(record.logs, program);
  let next = 0;
  instructions.forEach((instruction, at) => {
    if (instruction.programAddress !== program) return;
    const event = events[next]?.tag === instruction.data[0] ? events[next++] : undefined;
    row.steps.push(stepOf(instruction, at, row.steps.length, event));
  });
  return row;
}

// --- checksums: the order of fields is that of chain_bench.cpp ---

class Writer {
  #hash = createHash("sha256");
  #scratch = new DataView(new ArrayBuffer(8));

  raw(bytes) { this.#hash.update(bytes); }
  #number(length) { this.raw(Buffer.from(this.#scratch.buffer.slice(0, length))); }
  u8(value) { this.#scratch.setUint8(0, Number(value)); this.#number(1); }
  u32(value) { this.#scratch.setUint32(0, value, true); this.#number(4); }
  u64(value) {
    this.#scratch.setBigInt64(0, BigInt.asIntN(64, BigInt(value)), true);
    this.#number(8);
  }
  address(value) { this.raw(value == null ? new Uint8Array(32) : addressEncoder.encode(value)); }
  maybe(method, value, nothing = 0) {
    this.u8(value === undefined ? 0 : 1);
    this[method](value ?? nothing);
  }
  hex() { return this.#hash.digest("hex"); }
}

const VERSIONS = { legacy: 0, 0: 1, 1: 2 };

/** v1's limits in the order of their bits; zero where one is not there. */
function configOf({ configMask = 0, configValues = [] }) {
  const left = [...configValues];
  const limits = [0b11, 0b100, 0b1000, 0b10000].map((bits) =>
    ((configMask & bits) === 0 ? 0 : left.shift().value));
  return [configMask, ...limits];
}

function writeDecoded(out, { message, signatures, instructions }) {
  out.u8(VERSIONS[message.version]);
  out.u8(Object.keys(signatures).length);
  for (const signature of Object.values(signatures)) out.raw(signature ?? new Uint8Array(64));
  out.address(message.lifetimeToken);
  const [mask, fee, ...limits] = configOf(message);
  out.u32(mask);
  out.u64(fee);
  for (const limit of limits) out.u32(limit);
  out.u8(instructions.length);
  for (const { programAddress, accounts, data } of instructions) {
    out.address(programAddress);
    out.u8(accounts.length);
    for (const { address, signer, writable } of accounts) {
      out.address(address);
      out.u8((signer ? 1 : 0) + (writable ? 2 : 0) + (address === undefined ? 4 : 0));
    }
    out.u32(data.length);
    out.raw(data);
  }
}

function writeRow(out, row) {
  out.raw(row.signature);
  out.u64(row.slot);
  out.u32(row.blockIndex);
  out.u64(row.time);
  out.u8(row.version === "legacy" ? 255 : row.version);
  out.address(row.payer);
  out.u64(row.fee);
  out.u64(row.units);
  out.u8(row.error === "" ? 0 : 1);
  out.u8(row.steps.length);
  for (const step of row.steps) {
    out.u32(step.number);
    out.maybe("u32", step.instruction);
    out.maybe("u8", step.tag);
    out.maybe("address", step.lease, null);
    out.maybe("u8", step.state);
    for (const name of ["toHost", "toTreasury", "toRenter", "provenUntil", "stoppedAt"]) {
      out.maybe("u64", step[name]);
    }
    for (const name of ["market", "renter", "host"]) out.maybe("address", step[name], null);
    out.maybe("u8", step.how);
    out.maybe("u8", step.renterSigned);
    out.maybe("u64", step.nonce);
    out.maybe("u64", step.rate);
    out.maybe("u32", step.maxSeconds);
    out.maybe("raw", step.termsHash, new Uint8Array(32));
    out.maybe("u32", step.seconds);
  }
}

// --- rounds ---

const input = readInput(process.argv.slice(2));
const WORK = {
  decode: {
    items: input.messages, one: decode, write: writeDecoded,
    size: ({ instructions }) =>
      instructions.reduce((sum, { accounts }) => sum + accounts.length, 0),
  },
  index: {
    items: input.records, one: (record) => rowsOf(record, input.program), write: writeRow,
    size: ({ steps }) => steps.length,
  },
};

function checksum({ items, one, write }) {
  const out = new Writer();
  for (const item of items) write(out, one(item));
  return { checksum: out.hex() };
}

function round({ items, one, size }, ms) {
  const began = performance.now();
  let passes = 0;
  let sum;
  do {
    sum = 0;
    for (const item of items) sum += size(one(item));
    passes += 1;
  } while (performance.now() - began < ms);
  return { per_s: items.length * passes * 1000 / (performance.now() - began), passes, sum };
}

for await (const line of createInterface({ input: process.stdin })) {
  const [verb, what] = line.split(" ");
  const out = verb === "checksum" ? checksum(WORK[what]) : round(WORK[verb], Number(what));
  console.log(JSON.stringify(out));
}
