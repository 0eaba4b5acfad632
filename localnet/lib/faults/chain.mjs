/** Faults of the whole chain: its newest blocks undone, its blockhashes expired, its clock set. */
import { invalidParams, RpcError } from "../errors.mjs";
import { decodeTransaction } from "../wire.mjs";

/** After a long sleep of the machine not every slot of it is decided about. */
const kDecidedAtMost = 64;
/** Undone transactions come again in the slot after the fork's first. */
const kAgainSlots = 1;

/** @typedef {import("./faults.mjs").Fault} Fault */

export class ChainFaults {
  #ledger;
  #faults;
  #delivery;
  #deeds = {
    rollback: (fault) => this.#rollback(fault),
    expire: () => ({ slots_passed: this.#ledger.expire() }),
    clock: ({ options }) => this.#step(options.seconds),
  };

  /**
   * @param {import("../ledger.mjs").Ledger} ledger
   * @param {import("./faults.mjs").Faults} faults
   * @param {import("./delivery.mjs").Delivery} delivery
   */
  constructor(ledger, faults, delivery) {
    this.#ledger = ledger;
    this.#faults = faults;
    this.#delivery = delivery;
  }

  /** From now on the chain's faults strike, when they are asked for and as slots begin. */
  watch() {
    for (const [kind, deed] of Object.entries(this.#deeds)) {
      this.#faults.onAct(kind, (fault) => ({ ...deed(fault), slot: this.#ledger.slot }));
    }
    this.#ledger.on("opened", (_, slots) => {
      for (let slot = 0; slot < Math.min(slots, kDecidedAtMost); slot += 1) this.#begin();
    });
  }

  #begin() {
    for (const [kind, deed] of Object.entries(this.#deeds)) {
      const fault = this.#faults.strikes(kind);
      if (fault !== null) unheard(() => deed(fault));
    }
  }

  /** @param {Fault} fault */
  #rollback({ options, random }) {
    const { from, to, parent, records } = this.#ledger.rollback(options.slots);
    const chances = { none: 0, some: 0.5, all: 1 };
    const again = records.filter(() => random() < chances[options.again]);
    this.#delivery.again(again.map(({ raw }) => decodeTransaction(Uint8Array.from(raw))),
      kAgainSlots);
    return {
      from, to, parent, undone: records.map(({ signature }) => signature),
      sent_again: again.length,
    };
  }

  #step(seconds) {
    try {
      this.#ledger.step(seconds);
    } catch (error) {
      if (error instanceof RangeError) throw invalidParams(error.message);
      throw error;
    }
    return { unix_time: this.#ledger.unixTime(this.#ledger.slot) };
  }
}

/** A clock that was moved as far as it goes stays there: nobody asked just now. */
function unheard(deed) {
  try {
    deed();
  } catch (error) {
    if (!(error instanceof RpcError)) throw error;
  }
}
