// Reads what obelisk_differential writes: frames with a u32 length each, little-endian.
export const KIND = { start: 1, step: 2, end: 3 };
export const END = { done: 0, refused: 1, seeds: 2, forged: 3, rent: 4 };

class Cursor {
  #at = 0;
  constructor(bytes) { this.bytes = bytes; }
  #move(size) {
    const at = this.#at;
    this.#at += size;
    if (this.#at > this.bytes.length) throw new Error("a frame ends too early");
    return at;
  }
  u8() { return this.bytes.readUInt8(this.#move(1)); }
  u16() { return this.bytes.readUInt16LE(this.#move(2)); }
  u32() { return this.bytes.readUInt32LE(this.#move(4)); }
  u64() { return this.bytes.readBigUInt64LE(this.#move(8)); }
  i64() { return this.bytes.readBigInt64LE(this.#move(8)); }
  take(size) {
    const at = this.#move(size);
    return this.bytes.subarray(at, at + size);
  }
  list(count, one) { return Array.from({ length: count }, () => one(this)); }
}

const account = (c) =>
  ({ key: c.take(32), owner: c.take(32), lamports: c.u64(), data: c.take(c.u16()) });
const trace = (c) => ({ row: c.u8(), found: c.u8(), leftOut: c.u8() });

function step(c) {
  return {
    index: c.u32(), now: c.i64(), slot: c.u64(), text: c.take(c.u16()).toString(),
    transaction: c.take(c.u16()), end: c.u8(), at: c.u8(), code: c.u32(),
    traces: c.list(c.u8(), trace), events: c.list(c.u8(), () => c.take(80)),
    accounts: c.list(c.u16(), account),
  };
}

function decode(body) {
  const c = new Cursor(body);
  const kind = c.u8();
  if (kind === KIND.start) return { kind, seed: c.u64(), accounts: c.list(c.u16(), account) };
  if (kind === KIND.step) return { kind, ...step(c) };
  if (kind === KIND.end) return { kind, accounts: c.list(c.u16(), account) };
  throw new Error(`a frame of kind ${kind}`);
}

export async function* framesOf(stream) {
  let rest = Buffer.alloc(0);
  for await (const chunk of stream) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let at = 0;
    while (rest.length >= at + 4) {
      const end = at + 4 + rest.readUInt32LE(at);
      if (rest.length < end) break;
      yield decode(rest.subarray(at + 4, end));
      at = end;
    }
    rest = rest.subarray(at);
  }
  if (rest.length !== 0) throw new Error("the model's output was cut off");
}
