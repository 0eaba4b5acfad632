/**
 * Bad days on purpose. A fault of a kind strikes by chance (`rate`), a limited number of times
 * (`count`), and with one seed it strikes at the same calls every time. Nothing strikes unless a
 * test asked for it; a restart forgets all of it.
 */
import { invalidParams } from "./errors.mjs";
import { config, integer } from "./rpc/params.mjs";

export const kFaultKinds = Object.freeze(["drop", "http_429", "http_500", "delay"]);
const kMaxDelayMs = 60_000;
const kDefaultDelayMs = 1_000;
const kNameLimit = 40;

/** A small generator of numbers in [0, 1): the same seed gives the same row. */
function generator(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    return ((mixed ^ (mixed >>> 16)) >>> 0) / 0x1_0000_0000;
  };
}

export class Faults {
  /** @type {Map<string, {rate: number, left: number, random: () => number, struck: number}>} */
  #kinds = new Map();

  /** Sets one kind from a request; count 0 or rate 0 takes it away. @returns its state */
  set(request) {
    const { kind, rate = 1, count, seed, delay_ms: delayMs } = config(request);
    if (kind === "none") {
      this.#kinds.clear();
      return { kind };
    }
    if (!kFaultKinds.includes(kind)) {
      const name = typeof kind === "string" ? `"${kind.slice(0, kNameLimit)}"` : "without a kind";
      throw invalidParams(`there is no fault ${name}; the kinds are none, `
        + kFaultKinds.join(", "));
    }
    if (typeof rate !== "number" || !(rate >= 0 && rate <= 1)) {
      throw invalidParams("rate must be a number from 0 to 1");
    }
    const fault = {
      rate,
      left: integer(count, { name: "count", fallback: Number.MAX_SAFE_INTEGER }),
      random: generator(integer(seed, { name: "seed", fallback: 1 })),
      struck: 0,
      delayMs: integer(delayMs, { name: "delay_ms", max: kMaxDelayMs, fallback: kDefaultDelayMs }),
    };
    if (rate === 0 || fault.left === 0) this.#kinds.delete(kind);
    else this.#kinds.set(kind, fault);
    return { kind, rate, count: fault.left, delay_ms: fault.delayMs };
  }

  /** True if the fault of this kind hits this call. */
  strikes(kind) {
    const fault = this.#kinds.get(kind);
    if (fault === undefined || fault.random() >= fault.rate) return false;
    fault.struck += 1;
    fault.left -= 1;
    if (fault.left === 0) this.#kinds.delete(kind);
    return true;
  }

  /** How long this call is to be held back, in milliseconds. */
  delayMs() {
    const fault = this.#kinds.get("delay");
    return fault !== undefined && this.strikes("delay") ? fault.delayMs : 0;
  }
}
