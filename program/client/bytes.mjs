// Little-endian bytes: a writer and a reader that refuse what does not fit.
import { kit } from "./deps.mjs";

const addressCodec = kit.getAddressCodec();

export class Writer {
  #parts = [];

  #number(size, method, value) {
    const bytes = new Uint8Array(size);
    new DataView(bytes.buffer)[method](0, value, true);
    this.#parts.push(bytes);
    return this;
  }
  u8(value) { return this.#number(1, "setUint8", value); }
  u16(value) { return this.#number(2, "setUint16", value); }
  u32(value) { return this.#number(4, "setUint32", value); }
  u64(value) { return this.#number(8, "setBigUint64", BigInt(value)); }
  i64(value) { return this.#number(8, "setBigInt64", BigInt(value)); }
  address(value) { return this.raw(addressCodec.encode(value)); }
  raw(bytes) {
    this.#parts.push(Uint8Array.from(bytes));
    return this;
  }
  text(value) { return this.raw(new TextEncoder().encode(value)); }
  bytes() { return new Uint8Array(Buffer.concat(this.#parts)); }
}

export class Reader {
  #view;
  #at = 0;

  constructor(bytes) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }
  #number(size, method) {
    const value = this.#view[method](this.#at, true);
    this.#at += size;
    return value;
  }
  u8() { return this.#number(1, "getUint8"); }
  u16() { return this.#number(2, "getUint16"); }
  u32() { return this.#number(4, "getUint32"); }
  u64() { return this.#number(8, "getBigUint64"); }
  i64() { return this.#number(8, "getBigInt64"); }
  raw(length) {
    const bytes = new Uint8Array(this.#view.buffer, this.#view.byteOffset + this.#at, length);
    this.#at += length;
    return Uint8Array.from(bytes);
  }
  address() { return addressCodec.decode(this.raw(32)); }
}
