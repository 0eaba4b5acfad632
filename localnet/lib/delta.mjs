/**
 * How the journal writes a changed account: its fields, and of its data only the middle that
 * differs from what was there. A program of 200 kB is uploaded in pieces of 1 kB; whole copies
 * would make the journal grow with the square of the program.
 */
import { fromBase64, toBase64 } from "./encoding.mjs";

const kNothing = new Uint8Array();

/** @typedef {import("./vm.mjs").AccountState} AccountState */

/** @param {AccountState|null} before @param {AccountState|null} after */
export function encodeChange(address, before, after) {
  if (after === null) return [address];
  const old = before?.data ?? kNothing;
  const now = after.data;
  const common = Math.min(old.length, now.length);
  let prefix = 0;
  while (prefix < common && old[prefix] === now[prefix]) prefix += 1;
  let suffix = 0;
  while (suffix < common - prefix
    && old[old.length - 1 - suffix] === now[now.length - 1 - suffix]) suffix += 1;
  const middle = toBase64(now.subarray(prefix, now.length - suffix));
  return [
    address, after.lamports.toString(), after.owner, after.executable ? 1 : 0, prefix, suffix,
    middle,
  ];
}

/** @param {AccountState|null} before @returns {AccountState|null} */
export function decodeChange(change, before) {
  if (change.length === 1) return null;
  const [, lamports, owner, executable, prefix, suffix, middle] = change;
  const old = before?.data ?? kNothing;
  const bytes = fromBase64(middle, Infinity);
  if (bytes === null || prefix + suffix > old.length) {
    throw new Error(`the change of account ${change[0]} does not fit what was there before`);
  }
  const data = new Uint8Array(prefix + bytes.length + suffix);
  data.set(old.subarray(0, prefix));
  data.set(bytes, prefix);
  data.set(old.subarray(old.length - suffix), prefix + bytes.length);
  return { lamports: BigInt(lamports), data, owner, executable: executable === 1 };
}

/** @param {AccountState|null} a @param {AccountState|null} b */
export function sameAccount(a, b) {
  if (a === null || b === null) return a === b;
  return a.lamports === b.lamports && a.owner === b.owner && a.executable === b.executable
    && Buffer.compare(a.data, b.data) === 0;
}
