/**
 * What landed: one record per transaction, found by signature, by account and by slot. Bounded: the
 * oldest records go when there are too many.
 */

/**
 * @typedef {object} Landed
 * @property {string} signature
 * @property {number} slot
 * @property {number} index  position in its slot
 * @property {number} time  unix time of the slot, in seconds
 * @property {"legacy"|number} version
 * @property {object|string|null} err
 * @property {Buffer} raw  the wire bytes
 * @property {string[]} keys  every account: static, then looked up
 * @property {{writable: string[], readonly: string[]}} loaded  those that were looked up
 * @property {string[]} writable
 * @property {bigint[]} pre  lamports before, in the order of keys
 * @property {bigint[]} post
 * @property {bigint} fee
 * @property {number} price  micro-lamports per compute unit
 * @property {number} units
 * @property {string[]} logs
 * @property {object[]} inner
 * @property {object|null} returnData
 */

export class History {
  #limit;
  /** @type {Map<string, Landed>} */
  #bySignature = new Map();
  /** @type {Map<string, Landed[]>} oldest first */
  #byAddress = new Map();
  /** @type {Map<number, Landed[]>} */
  #bySlot = new Map();

  constructor(limit) {
    this.#limit = limit;
  }

  get size() {
    return this.#bySignature.size;
  }

  /** @param {Landed} record */
  add(record) {
    this.#bySignature.set(record.signature, record);
    for (const key of record.keys) push(this.#byAddress, key, record);
    push(this.#bySlot, record.slot, record);
    if (this.#bySignature.size > this.#limit) this.#dropOldest();
  }

  /** @returns {Landed|undefined} */
  get(signature) {
    return this.#bySignature.get(signature);
  }

  /** @returns {Landed[]} in the order in which they landed */
  inSlot(slot) {
    return this.#bySlot.get(slot) ?? [];
  }

  all() {
    return this.#bySignature.values();
  }

  /**
   * Newest first, from a view at `slot`. `before` and `until` are signatures, both left out of the
   * answer, as in getSignaturesForAddress.
   * @returns {Landed[]}
   */
  forAddress(address, { slot, before, until, limit }) {
    const list = this.#byAddress.get(address) ?? [];
    let index = list.length - 1;
    if (before !== undefined) {
      const from = list.findIndex((record) => record.signature === before);
      if (from < 0) return [];
      index = from - 1;
    }
    const found = [];
    for (; index >= 0 && found.length < limit; index -= 1) {
      if (list[index].signature === until) break;
      if (list[index].slot <= slot) found.push(list[index]);
    }
    return found;
  }

  /** Takes back everything from this slot on. @returns {Landed[]} what it was, oldest first */
  undo(from) {
    const slots = [...this.#bySlot.keys()].filter((slot) => slot >= from).sort((a, b) => a - b);
    const undone = slots.flatMap((slot) => this.#bySlot.get(slot));
    for (const record of undone.toReversed()) {
      this.#bySignature.delete(record.signature);
      for (const key of record.keys) pop(this.#byAddress, key);
    }
    for (const slot of slots) this.#bySlot.delete(slot);
    return undone;
  }

  #dropOldest() {
    const [record] = this.#bySignature.values();
    this.#bySignature.delete(record.signature);
    for (const key of record.keys) shift(this.#byAddress, key);
    shift(this.#bySlot, record.slot);
  }
}

function push(map, key, record) {
  const list = map.get(key);
  if (list === undefined) map.set(key, [record]);
  else list.push(record);
}

function pop(map, key) {
  const list = map.get(key);
  list.pop();
  if (list.length === 0) map.delete(key);
}

function shift(map, key) {
  const list = map.get(key);
  list.shift();
  if (list.length === 0) map.delete(key);
}
