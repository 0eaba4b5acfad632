/**
 * The chain's two times. Slots are a pure function of the wall clock since genesis, so a restart
 * comes back to the slot that a chain which never stopped would be in. Unix time is the slot's
 * wall time plus a drift that a warp adds to; a warp never moves slots. Neither ever runs back.
 */

/** The first slot. It lies high so that slot, block height and small numbers cannot be mixed up. */
export const kFirstSlot = 447_552_000;
/** A real chain has skipped slots, so its height is lower than its slot; ours shows the same. */
const kSkippedSlots = 21_552_000;
export const kSlotsPerEpoch = 432_000;
const kWarpLimitS = 100 * 365 * 86_400;

export const blockHeight = (slot) => slot - kSkippedSlots;
export const epochOf = (slot) => Math.floor(slot / kSlotsPerEpoch);

export class SlotClock {
  #genesisMs;
  #slotMs;
  #nowMs;
  #slot = kFirstSlot;
  /** Warps as {slot, driftS}: the drift that holds from that slot on. */
  #drifts = [{ slot: 0, driftS: 0 }];

  constructor({ genesisMs, slotMs, nowMs = Date.now }) {
    this.#genesisMs = genesisMs;
    this.#slotMs = slotMs;
    this.#nowMs = nowMs;
  }

  get slotMs() {
    return this.#slotMs;
  }

  /** The current slot. If the wall clock was set back, the slot waits for it. */
  slot() {
    const elapsed = Math.floor((this.#nowMs() - this.#genesisMs) / this.#slotMs);
    this.#slot = Math.max(this.#slot, kFirstSlot + elapsed);
    return this.#slot;
  }

  /** Used by a restart: the chain was in this slot already. */
  atLeast(slot) {
    this.#slot = Math.max(this.#slot, slot);
  }

  msToNextSlot() {
    const next = this.#genesisMs + (this.#slot - kFirstSlot + 1) * this.#slotMs;
    return Math.max(0, next - this.#nowMs());
  }

  driftS(slot = this.#slot) {
    let index = this.#drifts.length - 1;
    while (this.#drifts[index].slot > slot) index -= 1;
    return this.#drifts[index].driftS;
  }

  /** Whole seconds since 1970 as the chain sees them in this slot. */
  unixTime(slot) {
    const wallMs = this.#genesisMs + (slot - kFirstSlot) * this.#slotMs;
    return Math.floor(wallMs / 1000) + this.driftS(slot);
  }

  /** Moves the chain's unix time on from the current slot. */
  warp(seconds) {
    const driftS = this.driftS() + seconds;
    if (!Number.isSafeInteger(seconds) || seconds < 0 || driftS > kWarpLimitS) {
      throw new RangeError("a warp is a whole number of seconds from 0 to 100 years in all");
    }
    this.setDrift(this.slot(), driftS);
    return driftS;
  }

  /** Every warp so far, oldest first. */
  drifts() {
    return this.#drifts.map(({ slot, driftS }) => ({ slot, driftS }));
  }

  setDrift(slot, driftS) {
    const last = this.#drifts[this.#drifts.length - 1];
    if (last.slot === slot) last.driftS = driftS;
    else this.#drifts.push({ slot, driftS });
  }
}
