/**
 * The chain's two times. Slots are a pure function of the wall clock since genesis and of the jumps
 * that were asked for, so a restart comes back to the slot that a chain which never stopped would
 * be in. Unix time is the slot's wall time plus a drift that warps and steps change. Neither ever
 * runs back: as on a real cluster, a clock that is set back stands still until it is caught up.
 */

/** The first slot. It lies high so that slot, block height and small numbers cannot be mixed up. */
export const kFirstSlot = 447_552_000;
/** A real chain has skipped slots, so its height is lower than its slot; ours shows the same. */
const kSkippedSlots = 21_552_000;
export const kSlotsPerEpoch = 432_000;
const kDriftLimitS = 100 * 365 * 86_400;

/** The height of a slot's block where no slot was ever skipped since the first. */
export const blockHeight = (slot) => slot - kSkippedSlots;
export const epochOf = (slot) => Math.floor(slot / kSlotsPerEpoch);

/**
 * What holds from a slot on.
 * @typedef {object} Span
 * @property {number} slot
 * @property {number} driftS  seconds by which the chain's time is ahead of its slots'
 * @property {number} jumped  slots that passed in no time, in all
 * @property {number} floorS  the time that was reached before it
 */

export class SlotClock {
  #genesisMs;
  #slotMs;
  #nowMs;
  #slot = kFirstSlot;
  /** @type {Span[]} */
  #spans = [{ slot: 0, driftS: 0, jumped: 0, floorS: -Infinity }];

  constructor({ genesisMs, slotMs, nowMs = Date.now }) {
    this.#genesisMs = genesisMs;
    this.#slotMs = slotMs;
    this.#nowMs = nowMs;
  }

  get slotMs() {
    return this.#slotMs;
  }

  get #last() {
    return this.#spans[this.#spans.length - 1];
  }

  /** The current slot. If the wall clock was set back, the slot waits for it. */
  slot() {
    const elapsed = Math.floor((this.#nowMs() - this.#genesisMs) / this.#slotMs);
    this.#slot = Math.max(this.#slot, kFirstSlot + elapsed + this.#last.jumped);
    return this.#slot;
  }

  /** The chain is in this slot already, whatever the wall clock says. */
  atLeast(slot) {
    this.#slot = Math.max(this.#slot, slot);
  }

  msToNextSlot() {
    const slots = this.#slot - kFirstSlot - this.#last.jumped + 1;
    return Math.max(0, this.#genesisMs + slots * this.#slotMs - this.#nowMs());
  }

  #spanAt(slot) {
    let index = this.#spans.length - 1;
    while (this.#spans[index].slot > slot) index -= 1;
    return this.#spans[index];
  }

  driftS(slot = this.#slot) {
    return this.#spanAt(slot).driftS;
  }

  /** Whole seconds since 1970 as the chain sees them in this slot. */
  unixTime(slot) {
    const { driftS, jumped, floorS } = this.#spanAt(slot);
    const wallMs = this.#genesisMs + (slot - kFirstSlot - jumped) * this.#slotMs;
    return Math.max(floorS, Math.floor(wallMs / 1000) + driftS);
  }

  /** Moves the chain's unix time on from the current slot. @returns {Span} */
  warp(seconds) {
    if (!Number.isSafeInteger(seconds) || seconds < 0) {
      throw new RangeError("a warp is a whole number of seconds from 0 to 100 years in all");
    }
    return this.step(seconds);
  }

  /** Sets the time on, or back: then it stands still until it is caught up. @returns {Span} */
  step(seconds) {
    const driftS = this.driftS() + seconds;
    if (!Number.isSafeInteger(seconds) || Math.abs(driftS) > kDriftLimitS) {
      throw new RangeError("the chain's time may be moved by 100 years in all, in whole seconds");
    }
    const slot = this.slot();
    return this.begin({ slot, driftS, jumped: this.#last.jumped, floorS: this.unixTime(slot) });
  }

  /** Lets that many slots pass in no time: the chain's time stays. @returns {Span} */
  jump(slots) {
    const from = this.slot();
    const span = this.begin({
      slot: from + 1, driftS: this.driftS(), jumped: this.#last.jumped + slots,
      floorS: this.unixTime(from),
    });
    this.#slot = from + slots;
    return span;
  }

  /** @param {Span} span */
  begin(span) {
    if (this.#last.slot === span.slot) this.#spans.pop();
    this.#spans.push(span);
    return span;
  }

  /** Every span so far, oldest first. @returns {Span[]} */
  spans() {
    return this.#spans.slice(1).map((span) => ({ ...span }));
  }
}
