/**
 * What a caller may ask for. Each function takes one thing out of a request, checks it, and throws
 * an invalid-params error that names it. Nothing unchecked goes further than this file.
 */
import { kCommitments } from "../commitment.mjs";
import { fromBase58, fromBase64, isAddress, isSignature } from "../encoding.mjs";
import { invalidParams, kMinContextSlot, RpcError } from "../errors.mjs";
import { kMaxTransactionBytes } from "../wire.mjs";

const kU64Max = (1n << 64n) - 1n;
export const kVersionName = "4.3.0";

/** @typedef {import("../node.mjs").Node} Node */

/** The params as a list. A method that takes names instead gets the object as its only one. */
export function listOf(params) {
  if (params === undefined || params === null) return [];
  return Array.isArray(params) ? params : [params];
}

export function address(value, name = "the address") {
  if (!isAddress(value)) throw invalidParams(`${name} is not 32 bytes of base58`);
  return value;
}

export function signature(value, name = "the signature") {
  if (!isSignature(value)) throw invalidParams(`${name} is not 64 bytes of base58`);
  return value;
}

/** An optional object of settings. */
export function config(value) {
  if (value === undefined || value === null) return {};
  if (typeof value !== "object" || Array.isArray(value)) {
    throw invalidParams("the settings must be an object");
  }
  return value;
}

export function list(value, limit, name) {
  if (!Array.isArray(value)) throw invalidParams(`${name} must be a list`);
  if (value.length > limit) {
    throw invalidParams(`${name} has ${value.length} entries; at most ${limit} are allowed`);
  }
  return value;
}

export function flag(value, name) {
  if (value === undefined || value === null) return false;
  if (typeof value !== "boolean") throw invalidParams(`${name} must be true or false`);
  return value;
}

/** A whole number of at most `max`; `fallback` where it is left out. */
export function integer(value, { name, min = 0, max = Number.MAX_SAFE_INTEGER, fallback }) {
  if ((value === undefined || value === null) && fallback !== undefined) return fallback;
  if (!Number.isSafeInteger(value) || value < min || value > max) {
    throw invalidParams(`${name} must be a whole number from ${min} to ${max}`);
  }
  return value;
}

/** A u64, exactly. @returns {bigint} */
export function u64(value, name) {
  const whole = typeof value === "bigint" || Number.isSafeInteger(value);
  if (!whole || BigInt(value) < 0n || BigInt(value) > kU64Max) {
    throw invalidParams(`${name} must be a whole number from 0 to ${kU64Max}`);
  }
  return BigInt(value);
}

export function choice(value, allowed, name, fallback) {
  if (value === undefined || value === null) return fallback;
  if (!allowed.includes(value)) {
    throw invalidParams(`${name} must be one of ${allowed.join(", ")}`);
  }
  return value;
}

export function commitment(settings, { key = "commitment", fallback = "finalized" } = {}) {
  return choice(settings[key], kCommitments, key, fallback);
}

/** For the methods that do not answer for what may still vanish. */
export function settledCommitment(settings) {
  const level = commitment(settings);
  if (level === "processed") {
    throw invalidParams("this method answers for confirmed and finalized only");
  }
  return level;
}

/**
 * The slot that a request is answered from.
 * @param {Node} ledger
 */
export function viewSlot(ledger, settings, level = commitment(settings)) {
  const slot = ledger.slotAt(level);
  const wanted = integer(settings.minContextSlot, { name: "minContextSlot", fallback: 0 });
  if (wanted > slot) {
    throw new RpcError(kMinContextSlot, "Minimum context slot has not been reached",
      { contextSlot: slot });
  }
  return slot;
}

export const withContext = (slot, value) => ({
  context: { apiVersion: kVersionName, slot },
  value,
});

const kBase58Limit = kMaxTransactionBytes * 2;
const kBase64Limit = Math.ceil(kMaxTransactionBytes / 3) * 4;

/** Bytes of a transaction or message in the encoding that the settings name. */
export function wireBytes(text, encoding) {
  const bytes = encoding === "base64"
    ? fromBase64(text, kBase64Limit)
    : fromBase58(text, kBase58Limit);
  if (bytes === null || bytes.length === 0) {
    throw invalidParams(`this is not ${encoding} of 1 to ${kMaxTransactionBytes} bytes`);
  }
  return bytes;
}
