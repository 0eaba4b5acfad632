// Ten thousand transactions of @solana/kit, read and written by our code: legacy, v0, v0 with
// lookup tables, and v1 with each of its limits there or not. And damaged ones: what we accept, kit
// reads as the same.
//
//   OBELISK_SEED=N OBELISK_MESSAGES=N    others, or again the one that failed
import assert from "node:assert/strict";
import { test } from "node:test";

import { kit } from "../../program/client/deps.mjs";
import {
  base58, base64, damaged, KINDS, MASKS, Random, TABLE_KEYS, transactionOf,
} from "./messages.mjs";
import { Peer } from "./peer.mjs";

const MESSAGES = 10_000;
const BATCH = 200;
const first = Number(process.env.OBELISK_SEED ?? 1);
const count = Number(process.env.OBELISK_MESSAGES ?? MESSAGES);
const decoder = kit.getCompiledTransactionMessageDecoder();

/** v1's limits in the order of their bits, as text; zero where one is not there. */
function configOf({ configMask = 0, configValues = [] }) {
  const left = [...configValues];
  const limits = [0b11, 0b100, 0b1000, 0b10000].map((bits) =>
    ((configMask & bits) === 0 ? 0 : left.shift().value));
  return [configMask, ...limits].map(String);
}

function instructionsOf(message) {
  if (message.version !== 1) {
    return message.instructions.map(({ programAddressIndex, accountIndices, data }) => ({
      program: programAddressIndex, accounts: accountIndices ?? [], data: base64(data ?? []),
    }));
  }
  return message.instructionHeaders.map(({ programAccountIndex }, i) => ({
    program: programAccountIndex,
    accounts: message.instructionPayloads[i].instructionAccountIndices,
    data: base64(message.instructionPayloads[i].instructionData),
  }));
}

/** A message that kit read, in the words of our side. */
function fieldsOf(message) {
  const { header } = message;
  return {
    version: `${message.version}`,
    header: [header.numSignerAccounts, header.numReadonlySignerAccounts,
      header.numReadonlyNonSignerAccounts],
    keys: message.staticAccounts,
    blockhash: message.lifetimeToken,
    instructions: instructionsOf(message),
    lookups: (message.addressTableLookups ?? []).map((lookup) => ({
      table: lookup.lookupTableAddress, writable: lookup.writableIndexes,
      readonly: lookup.readonlyIndexes,
    })),
    config: configOf(message),
  };
}

function rolesOf(message) {
  const addressesByLookupTableAddress = Object.fromEntries((message.addressTableLookups ?? [])
    .map(({ lookupTableAddress }) => [lookupTableAddress, TABLE_KEYS]));
  const { instructions } = kit.decompileTransactionMessage(message,
    { addressesByLookupTableAddress });
  return instructions.map(({ programAddress, accounts = [] }) => [programAddress,
    ...accounts.map(({ address, role, lookupTableAddress }) =>
      `${lookupTableAddress === undefined ? address : "?"}/${role}`)]);
}

/** All that our side should say of a transaction which kit made. */
function expected({ messageBytes, wire, signatures, junk }) {
  const message = decoder.decode(messageBytes);
  const missing = Object.keys(signatures).filter((key) => signatures[key] === null);
  return {
    ...fieldsOf(message),
    roles: rolesOf(message),
    signatures: Object.values(signatures).map((raw) => base58(raw ?? new Uint8Array(64))),
    missing,
    signed: !junk && missing.length === 0,
    message: base64(messageBytes),
    wire: base64(wire),
  };
}

const compiling = ({ version, payer, blockhash, instructions }) => ({
  do: "compile", version, payer, blockhash,
  instructions: instructions.map(({ programAddress, accounts, data }) => ({
    program: programAddress, data: base64(data),
    accounts: accounts.map(({ address, role }) => ({ key: address, role })),
  })),
});

/** `check()`, and the seed in what it throws. */
function withSeed(seed, check) {
  try {
    return check();
  } catch (error) {
    throw new Error(`seed ${seed}. Again: OBELISK_SEED=${seed} OBELISK_MESSAGES=1 node --test `
      + `tests/conformance/messages_test.mjs\n${error.message}`, { cause: error });
  }
}

// What the second test needs of the first one's transactions, which take their time to be made.
const wires = [];

/** `check` of every batch in turn; the next one is made while our side works on it. */
async function inBatches(make, check) {
  let checked = Promise.resolve();
  for (let at = 0; at < count; at += BATCH) {
    const made = [];
    for (let i = at; i < Math.min(at + BATCH, count); ++i) made.push(await make(i));
    await checked;
    checked = check(made);
    checked.catch(() => {});  // thrown where it is awaited
  }
  await checked;
}

async function makeAnew(i) {
  const made = await transactionOf(first + i);
  const { seed, kind, wire, messageBytes } = made;
  wires[i] = { seed, kind, wire, messageBytes };
  return made;
}

test("kit's transactions are read and written as kit does", async (t) => {
  const peer = new Peer(t);
  const seen = { decoded: 0, encoded: 0, compiled: 0 };
  const kinds = new Map();
  await inBatches(makeAnew, async (made) => {
    const wanted = made.map((each) => withSeed(each.seed, () => expected(each)));
    const read = await peer.ask(made.map(({ wire }) => ({ do: "decode", wire: base64(wire) })));
    const written = await peer.ask(wanted.map((fields) => ({ do: "encode", ...fields })));
    // What we make ourselves names no tables and is not v1.
    const ours = made.filter(({ kind }) => kind === "legacy" || kind === "v0");
    const compiled = await peer.ask(ours.map(compiling));
    made.forEach(({ seed, kind, mask }, i) => withSeed(seed, () => {
      assert.deepEqual(read[i], wanted[i]);
      assert.deepEqual(written[i], { message: wanted[i].message });
      const name = kind === "v1" ? `v1 ${mask}` : kind;
      kinds.set(name, (kinds.get(name) ?? 0) + 1);
    }));
    ours.forEach(({ seed, messageBytes }, i) => withSeed(seed, () => {
      assert.deepEqual(compiled[i], { message: base64(messageBytes) });
    }));
    seen.decoded += read.length;
    seen.encoded += written.length;
    seen.compiled += compiled.length;
  });
  t.diagnostic(`${JSON.stringify(seen)} from seed ${first}`);
  assert.equal(seen.decoded, count);
  if (count < MESSAGES) return;
  for (const kind of KINDS.slice(0, 3)) assert.ok(kinds.get(kind) >= 2_500, kind);
  for (let mask = 0; mask < MASKS; ++mask) assert.ok(kinds.get(`v1 ${mask}`) > 100, `mask ${mask}`);
});

/** What kit reads of any bytes, or null where it refuses them. */
function kitReads(wire) {
  try {
    const { messageBytes } = kit.getTransactionDecoder().decode(wire);
    return decoder.decode(messageBytes);
  } catch (error) {
    if (error?.name === "SolanaError" || error instanceof RangeError) return null;
    throw error;
  }
}

test("what we accept of damaged transactions, kit reads as the same", async (t) => {
  const peer = new Peer(t);
  let [accepted, alsoKits, all] = [0, 0, 0];
  await inBatches((i) => wires[i] ?? makeAnew(i), async (made) => {
    const spoilt = made.map((each) => damaged(new Random(`damage ${each.seed}`), each));
    const read = await peer.ask(spoilt.map((wire) => ({ do: "decode", wire: base64(wire) })));
    made.forEach(({ seed }, i) => withSeed(seed, () => {
      all += 1;
      const kits = kitReads(spoilt[i]);
      if (kits !== null) alsoKits += 1;
      if ("refused" in read[i]) return;
      accepted += 1;
      assert.notEqual(kits, null, "we accept what kit refuses");
      const { wire, message, signatures, missing, signed, ...fields } = read[i];
      assert.deepEqual(fields, { ...fieldsOf(kits), roles: rolesOf(kits) });
      assert.equal(wire, base64(spoilt[i]), "it is not written back as it was read");
    }));
  });
  t.diagnostic(`of ${all} damaged transactions we accept ${accepted}, kit ${alsoKits}`);
  if (count >= MESSAGES) assert.ok(accepted > count / 10 && accepted < count, `${accepted}`);
});
