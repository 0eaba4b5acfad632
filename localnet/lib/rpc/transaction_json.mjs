/** A transaction that landed, as getTransaction shows it. */
import { invalidParams, kUnsupportedVersion, RpcError } from "../errors.mjs";
import { toBase58, toBase64 } from "../encoding.mjs";
import { decodeTransaction } from "../wire.mjs";
import { choice, integer } from "./params.mjs";

/** The checked way in which a caller wants transactions written. */
export function transactionStyle(settings) {
  return {
    encoding: choice(settings.encoding, ["json", "base64", "base58"], "encoding", "json"),
    maxVersion: integer(settings.maxSupportedTransactionVersion, {
      name: "maxSupportedTransactionVersion", fallback: -1, min: -1, max: 255,
    }),
  };
}

function wholeJson(raw) {
  const { message, signatures } = decodeTransaction(Uint8Array.from(raw));
  const { header, lookups } = message;
  return {
    signatures,
    message: {
      header: {
        numRequiredSignatures: header.numSignerAccounts,
        numReadonlySignedAccounts: header.numReadonlySignerAccounts,
        numReadonlyUnsignedAccounts: header.numReadonlyNonSignerAccounts,
      },
      accountKeys: message.keys,
      recentBlockhash: message.blockhash,
      instructions: message.instructions.map(({ program, accounts, data }) => ({
        programIdIndex: program, accounts, data: toBase58(data), stackHeight: 1,
      })),
      ...(message.version === 0 ? {
        addressTableLookups: lookups.map(({ table, writable, readonly }) => ({
          accountKey: table, writableIndexes: writable, readonlyIndexes: readonly,
        })),
      } : {}),
    },
  };
}

/** @param {import("../history.mjs").Landed} record */
function metaJson(record) {
  return {
    err: record.err,
    status: record.err === null ? { Ok: null } : { Err: record.err },
    fee: record.fee,
    preBalances: record.pre,
    postBalances: record.post,
    innerInstructions: record.inner,
    logMessages: record.logs,
    preTokenBalances: [],
    postTokenBalances: [],
    rewards: [],
    loadedAddresses: record.loaded,
    ...(record.returnData === null ? {} : { returnData: record.returnData }),
    computeUnitsConsumed: record.units,
  };
}

/** @param {import("../history.mjs").Landed} record */
export function landedJson(record, { encoding, maxVersion }) {
  if (typeof record.version === "number" && record.version > maxVersion) {
    throw new RpcError(kUnsupportedVersion,
      `This transaction has version ${record.version}. Ask with maxSupportedTransactionVersion `
      + `${record.version} or more.`);
  }
  let transaction;
  if (encoding === "json") transaction = wholeJson(record.raw);
  else if (encoding === "base64") transaction = [toBase64(record.raw), encoding];
  else transaction = [toBase58(record.raw), encoding];
  return {
    slot: record.slot,
    blockTime: record.time,
    transaction,
    meta: metaJson(record),
    ...(maxVersion >= 0 ? { version: record.version } : {}),
  };
}

/** Checks a wish for accounts after a simulation. */
export function simulationAccounts(wish) {
  if (wish === undefined || wish === null) return null;
  if (!Array.isArray(wish.addresses)) throw invalidParams("accounts.addresses must be a list");
  return wish;
}
