/**
 * Which slots have a block on the chain as it stands. A rollback leaves its slots without blocks
 * for ever; everything that is counted in blocks (height, depth, the age of a blockhash) is
 * counted here. It never takes a slot back that it once declared dead.
 */
import { blockHeight } from "./clock.mjs";
import { kDepth } from "./commitment.mjs";

/**
 * @typedef {object} DeadSlots
 * @property {number} from
 * @property {number} to
 * @property {number} before  dead slots below `from`
 * @property {Record<string, number>} floor  per commitment, what was shown already and still holds
 */

export class Fork {
  /** @type {DeadSlots[]} oldest first, never touching each other */
  #dead = [];

  /** Declares these slots dead; `from` has a block and `to` is the newest slot. */
  kill(from, to, floor) {
    let first = from;
    while (this.#dead.length > 0 && this.#dead[this.#dead.length - 1].to >= first - 1) {
      first = Math.min(first, this.#dead.pop().from);
    }
    const last = this.#dead[this.#dead.length - 1];
    const before = last === undefined ? 0 : last.before + last.to - last.from + 1;
    this.#dead.push({ from: first, to, before, floor });
  }

  /** The last run of dead slots that begins at this slot or below it. */
  #rangeAt(slot) {
    let index = this.#dead.length - 1;
    while (index >= 0 && this.#dead[index].from > slot) index -= 1;
    return index;
  }

  isDead(slot) {
    return (this.#dead[this.#rangeAt(slot)]?.to ?? -1) >= slot;
  }

  /** The slot itself, or the nearest below it that has a block. */
  alive(slot) {
    const range = this.#dead[this.#rangeAt(slot)];
    return range !== undefined && range.to >= slot ? range.from - 1 : slot;
  }

  /** How many blocks the chain has up to the block of this slot, or of the nearest below. */
  heightOf(slot) {
    const at = this.alive(slot);
    const range = this.#dead[this.#rangeAt(at)];
    return blockHeight(at) - (range === undefined ? 0 : range.before + range.to - range.from + 1);
  }

  /** The slot of the block that many blocks below the block of `slot`. */
  back(slot, blocks) {
    let at = this.alive(slot);
    let left = blocks;
    for (let index = this.#rangeAt(at); index >= 0; index -= 1) {
      const { from, to } = this.#dead[index];
      const above = at - to - 1;
      if (left <= above) break;
      left -= above + 1;
      at = from - 1;
    }
    return at - left;
  }

  /**
   * The slot that a view at this commitment shows when `tip` is the newest. Right after a rollback
   * what was confirmed and still stands stays so, though fewer blocks lie on it.
   */
  viewOf(commitment, tip) {
    const at = this.alive(tip);
    const seen = this.#dead[this.#rangeAt(at)]?.floor[commitment] ?? 0;
    return Math.max(this.back(at, kDepth[commitment]), seen);
  }

  /** Every run of dead slots, oldest first, as `kill` takes them. */
  ranges() {
    return this.#dead.map(({ from, to, floor }) => ({ from, to, floor }));
  }
}
