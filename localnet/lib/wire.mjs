/**
 * Transactions from the wire. Decodes legacy, v0 and v1, checks every index and count before the
 * virtual machine sees the bytes, and says which accounts are signed for and which may change.
 */
import {
  getCompiledTransactionMessageDecoder,
  getCompiledTransactionMessageEncoder,
  getTransactionDecoder,
} from "@solana/kit";
import { invalidParams } from "./errors.mjs";
import { toBase58 } from "./encoding.mjs";

export const kMaxTransactionBytes = 4096;
const kMaxLegacyBytes = 1232;
const kMaxKeys = 256;
const kMessageVersion1 = 0x81;

/**
 * @typedef {{program: number, accounts: number[], data: Uint8Array}} Instruction
 * @typedef {object} Message
 * @property {"legacy"|0|1} version
 * @property {{numSignerAccounts: number, numReadonlySignerAccounts: number,
 *   numReadonlyNonSignerAccounts: number}} header
 * @property {string[]} keys  static accounts
 * @property {string} blockhash
 * @property {Instruction[]} instructions
 * @property {{table: string, writable: number[], readonly: number[]}[]} lookups
 * @property {{kind: number|bigint}[]} config  v1 only, as decoded
 */

/** @returns {Message} */
export function decodeMessage(bytes) {
  let message;
  let size;
  try {
    message = getCompiledTransactionMessageDecoder().decode(bytes);
    size = getCompiledTransactionMessageEncoder().encode(message).length;
  } catch (error) {
    throw invalidParams(`the message cannot be decoded: ${error.message}`);
  }
  if (size !== bytes.length) throw invalidParams("the message is followed by other bytes");
  const instructions = message.version === 1
    ? message.instructionHeaders.map((header, index) => ({
      program: header.programAccountIndex,
      accounts: [...message.instructionPayloads[index].instructionAccountIndices],
      data: message.instructionPayloads[index].instructionData,
    }))
    : message.instructions.map((instruction) => ({
      program: instruction.programAddressIndex,
      accounts: [...(instruction.accountIndices ?? [])],
      data: instruction.data ?? new Uint8Array(),
    }));
  const decoded = {
    version: message.version,
    header: message.header,
    keys: message.staticAccounts,
    blockhash: message.lifetimeToken,
    instructions,
    lookups: (message.addressTableLookups ?? []).map((lookup) => ({
      table: lookup.lookupTableAddress,
      writable: [...lookup.writableIndexes],
      readonly: [...lookup.readonlyIndexes],
    })),
    config: message.version === 1 ? message.configValues : [],
  };
  checkMessage(decoded);
  return decoded;
}

/** @param {Message} message */
function checkMessage({ header, keys, instructions, lookups }) {
  const looked = lookups.reduce((sum, { writable, readonly }) =>
    sum + writable.length + readonly.length, 0);
  const total = keys.length + looked;
  const { numSignerAccounts: signers, numReadonlySignerAccounts: readonlySigners } = header;
  const fine = signers >= 1 && readonlySigners < signers
    && signers + header.numReadonlyNonSignerAccounts <= keys.length
    && total <= kMaxKeys && new Set(keys).size === keys.length
    && instructions.every(({ program, accounts }) =>
      program > 0 && program < keys.length && accounts.every((index) => index < total));
  if (!fine) throw invalidParams("the message is malformed: a count or an index is out of range");
}

/** The static accounts that the message lets an instruction write to. @param {Message} message */
export function writableStaticKeys({ header, keys }) {
  const { numSignerAccounts: signers } = header;
  const writableSigners = signers - header.numReadonlySignerAccounts;
  const writableEnd = keys.length - header.numReadonlyNonSignerAccounts;
  return keys.filter((_, index) => index < signers
    ? index < writableSigners
    : index < writableEnd);
}

/**
 * @param {Uint8Array} raw
 * @returns {{raw: Uint8Array, signature: string, signatures: string[], message: Message,
 *   messageBytes: Uint8Array}}
 */
export function decodeTransaction(raw) {
  const limit = raw[0] === kMessageVersion1 ? kMaxTransactionBytes : kMaxLegacyBytes;
  if (raw.length > limit) {
    throw invalidParams(`the transaction has ${raw.length} bytes; at most ${limit} are allowed`);
  }
  let decoded;
  try {
    decoded = getTransactionDecoder().decode(raw);
  } catch (error) {
    throw invalidParams(`the transaction cannot be decoded: ${error.message}`);
  }
  const message = decodeMessage(decoded.messageBytes);
  const signatures = Object.values(decoded.signatures).map((bytes) =>
    toBase58(bytes ?? new Uint8Array(64)));
  if (signatures.length !== message.header.numSignerAccounts) {
    throw invalidParams("the transaction needs as many signatures as its message has signers");
  }
  const messageBytes = Uint8Array.from(decoded.messageBytes);
  return { raw, signature: signatures[0], signatures, message, messageBytes };
}

const kTableHeaderBytes = 56;

/**
 * The accounts that the lookup tables name, or null where a table has no such entry.
 * @param {Message} message
 * @param {(address: string) => {data: Uint8Array}|null} account
 */
export function resolveLookups(message, account) {
  const loaded = { writable: [], readonly: [] };
  for (const lookup of message.lookups) {
    const data = account(lookup.table)?.data ?? new Uint8Array();
    for (const kind of ["writable", "readonly"]) {
      for (const index of lookup[kind]) {
        const at = kTableHeaderBytes + index * 32;
        if (at + 32 > data.length) return null;
        loaded[kind].push(toBase58(data.subarray(at, at + 32)));
      }
    }
  }
  return loaded;
}
