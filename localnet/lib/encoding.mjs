/**
 * Base58 and base64 for addresses, signatures and data. Everything that comes from outside is
 * checked for its length before it is decoded: base58 takes time that grows with the square.
 */
import { getBase58Decoder, getBase58Encoder } from "@solana/kit";

const kCacheLimit = 20_000;
const base58Writer = getBase58Decoder();
const base58Reader = getBase58Encoder();
const kBase58 = /^[1-9A-HJ-NP-Za-km-z]*$/;
const kBase64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** A cache between addresses as text and as bytes; it forgets everything when it is full. */
class AddressCache {
  #bytes = new Map();

  bytes(address) {
    let found = this.#bytes.get(address);
    if (found === undefined) {
      found = Uint8Array.from(base58Reader.encode(address));
      if (found.length !== 32) throw new RangeError("an address has 32 bytes");
      if (this.#bytes.size >= kCacheLimit) this.#bytes.clear();
      this.#bytes.set(address, found);
    }
    return found;
  }
}
const addresses = new AddressCache();

/** @param {Uint8Array} bytes */
export const toBase58 = (bytes) => base58Writer.decode(bytes);
/** @param {Uint8Array} bytes */
export const toBase64 = (bytes) => Buffer.from(bytes).toString("base64");
/** The 32 bytes of an address that was checked before. @param {string} address */
export const addressBytes = (address) => addresses.bytes(address);

/** Bytes of a base58 text of at most `limit` characters, or null. */
export function fromBase58(text, limit) {
  if (typeof text !== "string" || text.length > limit || !kBase58.test(text)) return null;
  return text === "" ? new Uint8Array() : Uint8Array.from(base58Reader.encode(text));
}

/** Bytes of a base64 text of at most `limit` characters, or null. */
export function fromBase64(text, limit) {
  if (typeof text !== "string" || text.length > limit || !kBase64.test(text)) return null;
  return new Uint8Array(Buffer.from(text, "base64"));
}

/** True for a base58 text of exactly 32 bytes. */
export function isAddress(text) {
  return fromBase58(text, 44)?.length === 32;
}

/** True for a base58 text of exactly 64 bytes. */
export function isSignature(text) {
  return fromBase58(text, 88)?.length === 64;
}
