/** Accounts as JSON, and the filters that choose among a program's accounts. */
import { fromBase58, fromBase64, toBase58, toBase64 } from "../encoding.mjs";
import { invalidParams, kInvalidRequest, RpcError } from "../errors.mjs";
import { choice, config, integer, list } from "./params.mjs";

const kRentEpochOfExempt = 18446744073709551615n;
const kBase58DataLimit = 128;
const kFiltersLimit = 4;
const kMemcmpLimit = 128;
const kEncodings = ["base58", "base64", "jsonParsed", "binary"];

/** The checked way in which a caller wants accounts written. */
export function accountStyle(settings) {
  const encoding = choice(settings.encoding, kEncodings, "encoding", "binary");
  const wanted = settings.dataSlice;
  if (wanted === undefined || wanted === null) return { encoding };
  const slice = config(wanted);
  return {
    encoding,
    slice: {
      offset: integer(slice.offset, { name: "dataSlice.offset" }),
      length: integer(slice.length, { name: "dataSlice.length" }),
    },
  };
}

function encoded(data, encoding) {
  // No program is known here whose accounts could be shown parsed; a node then writes base64.
  if (encoding === "base64" || encoding === "jsonParsed") return [toBase64(data), "base64"];
  if (data.length > kBase58DataLimit) {
    throw new RpcError(kInvalidRequest,
      `base58 is for at most ${kBase58DataLimit} bytes of data; ask for base64`);
  }
  return encoding === "base58" ? [toBase58(data), "base58"] : toBase58(data);
}

/** @param {import("../vm.mjs").AccountState} account */
export function accountJson(account, { encoding, slice }) {
  const data = slice === undefined
    ? account.data
    : account.data.subarray(slice.offset, slice.offset + slice.length);
  return {
    data: encoded(data, encoding),
    executable: account.executable,
    lamports: account.lamports,
    owner: account.owner,
    rentEpoch: kRentEpochOfExempt,
    space: account.data.length,
  };
}

/** How a subscription shows an account that is gone. */
export const kGoneAccount = Object.freeze({
  lamports: 0n,
  data: new Uint8Array(),
  owner: "11111111111111111111111111111111",
  executable: false,
});

const isByteList = (bytes) => Array.isArray(bytes) && bytes.length <= kMemcmpLimit
  && bytes.every((byte) => Number.isInteger(byte) && byte >= 0 && byte <= 255);

function memcmp(filter) {
  const { offset, bytes, encoding } = config(filter);
  const from = integer(offset, { name: "memcmp.offset" });
  const kind = choice(encoding, ["base58", "base64", "bytes"], "memcmp.encoding", "base58");
  let wanted = null;
  if (kind === "base64") wanted = fromBase64(bytes, 256);
  else if (kind === "base58" && typeof bytes === "string") wanted = fromBase58(bytes, 256);
  else if (kind === "bytes" && isByteList(bytes)) {
    wanted = Uint8Array.from(bytes);
  }
  if (wanted === null || wanted.length > kMemcmpLimit) {
    throw invalidParams(`memcmp.bytes must be at most ${kMemcmpLimit} bytes of ${kind}`);
  }
  return (account) => from + wanted.length <= account.data.length
    && Buffer.compare(account.data.subarray(from, from + wanted.length), wanted) === 0;
}

/** A test that an account passes if it matches every filter. */
export function accountFilter(filters) {
  const tests = list(filters ?? [], kFiltersLimit, "filters").map((filter) => {
    const wanted = config(filter);
    if (wanted.memcmp !== undefined) return memcmp(wanted.memcmp);
    if (wanted.dataSize !== undefined) {
      const size = integer(wanted.dataSize, { name: "dataSize" });
      return (account) => account.data.length === size;
    }
    throw invalidParams("a filter is {dataSize} or {memcmp}");
  });
  return (account) => tests.every((test) => test(account));
}
