/**
 * Blockhashes. The hash of a slot is sha256(seed, slot), so that it outlives a restart and needs no
 * storage. A hash is good for the 150 blocks after its own, as on a real node; the hash of a slot
 * that lost its block is good for nothing.
 */
import { createHash } from "node:crypto";
import { toBase58 } from "./encoding.mjs";
import { Fork } from "./fork.mjs";

export const kMaxAgeBlocks = 150;
/** Views lie back, and their hashes are asked for too; slots without blocks age nothing. */
const kKept = 1024;

export class Blockhashes {
  #seed;
  #fork;
  #slots = new Map();
  #newest = -1;

  /** @param {Buffer} seed @param {Fork} fork */
  constructor(seed, fork = new Fork()) {
    this.#seed = seed;
    this.#fork = fork;
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
    const at = this.#fork.alive(slot);
    return {
      blockhash: this.#compute(at),
      lastValidBlockHeight: this.#fork.heightOf(at) + kMaxAgeBlocks,
    };
  }

  /** True if a transaction with this blockhash may land in this slot. */
  isValid(hash, slot) {
    const at = this.#slots.get(hash);
    return at !== undefined && at <= slot && !this.#fork.isDead(at)
      && this.#fork.heightOf(slot) - this.#fork.heightOf(at) <= kMaxAgeBlocks;
  }
}
