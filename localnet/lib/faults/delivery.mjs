/**
 * What becomes of a transaction between the node that took it and the leader: lost, late, twice, in
 * another order, or at once. It changes nothing about the transaction itself; whether it may land
 * is the ledger's to say when it arrives.
 */
import { shuffled } from "./random.mjs";

const kWaitingLimit = 100_000;
const kUndoneLimit = 100_000;

export class Delivery {
  #ledger;
  #faults;
  /** @type {{slot: number, transaction: object}[]} in the order in which they were sent */
  #waiting = [];
  #mixed = [];
  #mix = null;
  #undone = new Set();
  #told = { sent: 0, landed: 0, refused: {}, undone: 0, landed_again: 0 };

  /**
   * @param {import("../ledger.mjs").Ledger} ledger
   * @param {import("./faults.mjs").Faults} faults
   */
  constructor(ledger, faults) {
    this.#ledger = ledger;
    this.#faults = faults;
    ledger.on("opened", () => this.#arrivals());
    ledger.on("landed", ({ signature }) => {
      this.#told.landed += 1;
      if (this.#undone.delete(signature)) this.#told.landed_again += 1;
    });
    ledger.on("undone", ({ records }) => {
      this.#told.undone += records.length;
      for (const { signature } of records) this.#undone.add(signature);
      for (const signature of this.#undone) {
        if (this.#undone.size <= kUndoneLimit) break;
        this.#undone.delete(signature);
      }
    });
  }

  /** Takes a transaction that a node was sent. */
  send(transaction, node) {
    const where = { node, names: ["sendTransaction"] };
    this.#told.sent += 1;
    if (this.#faults.strikes("drop", where) !== null) return;
    const late = this.#faults.strikes("delay", where)?.options.slots ?? 0;
    const twice = this.#faults.strikes("duplicate", where);
    this.#bring(transaction, late, where);
    if (twice !== null) this.#bring(transaction, late + twice.options.slots, where);
  }

  /** Brings transactions to the leader once more, in so many slots. */
  again(transactions, slots) {
    for (const transaction of transactions) this.#wait(transaction, slots);
  }

  #bring(transaction, slots, where) {
    const mix = this.#faults.strikes("reorder", where);
    if (mix !== null) {
      this.#mix = mix.random;
      if (this.#mixed.length < kWaitingLimit) this.#mixed.push({ slots, transaction });
    } else if (slots > 0) {
      this.#wait(transaction, slots);
    } else {
      this.#arrive(transaction);
    }
  }

  #wait(transaction, slots) {
    // A real leader's queue has an end, too: what does not fit is lost.
    if (this.#waiting.length >= kWaitingLimit) return;
    this.#waiting.push({ slot: this.#ledger.slot + slots, transaction });
  }

  #arrive(transaction) {
    const { record, err } = this.#ledger.apply(transaction);
    if (record !== null) return;
    const name = typeof err === "string" ? err : Object.keys(err)[0];
    this.#told.refused[name] = (this.#told.refused[name] ?? 0) + 1;
  }

  /** A slot began: what was mixed in the one before arrives, then what is due. */
  #arrivals() {
    const mixed = this.#mixed.length > 0 ? shuffled(this.#mixed.splice(0), this.#mix) : [];
    const { slot } = this.#ledger;
    const due = this.#waiting.filter((entry) => entry.slot <= slot);
    this.#waiting = this.#waiting.filter((entry) => entry.slot > slot);
    for (const { transaction } of due) this.#arrive(transaction);
    for (const { transaction, slots } of mixed) {
      if (slots > 1) this.#wait(transaction, slots - 1);
      else this.#arrive(transaction);
    }
  }

  report() {
    const waiting = this.#waiting.length + this.#mixed.length;
    return { ...this.#told, refused: { ...this.#told.refused }, waiting };
  }
}
