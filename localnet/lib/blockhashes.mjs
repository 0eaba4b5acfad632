/**
 * Blockhashes. The hash of a slot is sha256(seed, slot), so that it outlives a restart and needs no
 * storage. A hash is good for the 150 blocks after its own, as on a real node.
 */
import { createHash } from "node:crypto";
import { blockHeight } from "./clock.mjs";
import { toBase58 } from "./encoding.mjs";

export const kMaxAgeBlocks = 150;
/** Views may lie 32 slots back and their hashes are asked for too. */
const kKept = kMaxAgeBlocks + 40;

export class Blockhashes {
  #seed;
  #slots = new Map();
  #newest = -1;

  /** @param {Buffer} seed */
  constructor(seed) {
    this.#seed = seed;
  }

  #compute(slot) {
    const text = Buffer.alloc(8);
    text.writeBigUInt64LE(BigInt(slot));
    return toBase58(createHash("sha256").update(this.#seed).update(text).digest());
  }

  /** Makes the table end at this slot. */
  advance(slot) {
    if (slot <= this.#newest) return;
    const from = Math.max(this.#newest + 1, slot - kKept + 1);
    for (let at = from; at <= slot; at += 1) this.#slots.set(this.#compute(at), at);
    this.#newest = slot;
    for (const [hash, at] of this.#slots) {
      if (at > slot - kKept) break;
      this.#slots.delete(hash);
    }
  }

  /** The blockhash that a view at this slot calls its latest. */
  latest(slot) {
    return {
      blockhash: this.#compute(slot),
      lastValidBlockHeight: blockHeight(slot) + kMaxAgeBlocks,
    };
  }

  /** True if a transaction with this blockhash may land in this slot. */
  isValid(hash, slot) {
    const at = this.#slots.get(hash);
    return at !== undefined && at <= slot && slot - at <= kMaxAgeBlocks;
  }
}
