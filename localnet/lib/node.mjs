/**
 * One node's sight of the chain: what the RPC methods and the subscriptions read. A node may lag:
 * it then shows the chain as it was some slots ago, and knows nothing of what came after. It never
 * goes back by lagging: it stands still until it is far enough behind.
 *
 * Events, each when this node sees it: "slot" (slot), "landed" (record), "undone" (the ledger's).
 */
import { createHash } from "node:crypto";
import { EventEmitter } from "node:events";
import { kDepth } from "./commitment.mjs";
import { toBase58 } from "./encoding.mjs";

/** After a longer sleep of the machine, slots without transactions are not told one by one. */
const kTellAtMost = 256;
/** A node says that it is unhealthy when its confirmed slot is more than this behind. */
const kHealthySlots = 128;
export const kLagLimit = 500;

/** @typedef {import("./ledger.mjs").Ledger} Ledger */

export class Node extends EventEmitter {
  #ledger;
  #tip;
  #lag = 0;

  /** @param {Ledger} ledger */
  constructor(ledger, number = 0) {
    super();
    this.#ledger = ledger;
    this.number = number;
    this.#tip = ledger.slot;
    this.identity = toBase58(createHash("sha256").update(`identity ${number}`)
      .update(ledger.seed).digest());
    const { history } = ledger;
    const seen = (record) => (record !== undefined && record.slot <= this.#tip
      ? record : undefined);
    /** Only what this node has seen. */
    this.history = {
      get: (signature) => seen(history.get(signature)),
      inSlot: (slot) => (slot <= this.#tip ? history.inSlot(slot) : []),
      forAddress: (address, wish) => history.forAddress(address, wish),
      get size() { return history.size; },
    };
    ledger.on("advanced", () => this.#follow());
    ledger.on("landed", (record) => {
      if (record.slot <= this.#tip) this.emit("landed", record);
    });
    ledger.on("undone", (event) => this.#undone(event));
    ledger.keepFor(() => this.slotAt("finalized"));
  }

  get slot() {
    return this.#tip;
  }

  get lag() {
    return this.#lag;
  }

  get hashes() {
    return this.#ledger.hashes;
  }

  get genesisHash() {
    return this.#ledger.genesisHash;
  }

  slotAt(commitment, tip = this.#tip) {
    return this.#ledger.slotAt(commitment, tip);
  }

  parentOf(slot) {
    return this.#ledger.fork.back(slot, 1);
  }

  heightOf(slot) {
    return this.#ledger.fork.heightOf(slot);
  }

  isSkipped(slot) {
    return this.#ledger.fork.isDead(slot);
  }

  unixTime(slot) {
    return this.#ledger.unixTime(slot);
  }

  account(address, slot) {
    return this.#ledger.account(address, slot);
  }

  programAccounts(owner, slot) {
    return this.#ledger.programAccounts(owner, slot);
  }

  minimumBalance(bytes) {
    return this.#ledger.minimumBalance(bytes);
  }

  simulate(transaction, options) {
    return this.#ledger.simulate(transaction, { ...options, slot: this.#tip });
  }

  airdrop(address, lamports) {
    return this.#ledger.airdrop(address, lamports);
  }

  advance() {
    this.#ledger.advance();
  }

  /** How far behind the cluster this node is, once that makes it unhealthy; else 0. */
  unhealthyBy() {
    const behind = this.#ledger.slotAt("confirmed") - this.slotAt("confirmed");
    return behind > kHealthySlots ? behind : 0;
  }

  /** Lags so many slots behind from now on; with 0 it catches up at once. */
  lagBy(slots) {
    this.#lag = slots;
    this.#follow();
  }

  #follow() {
    const from = this.#tip;
    const to = this.#ledger.slot - this.#lag;
    if (to <= from) return;
    const early = Math.min(to, from + kDepth.finalized);
    this.#tell(from + 1, early);
    this.#tell(Math.max(early + 1, to - kTellAtMost), to);
    this.#tip = this.#ledger.fork.alive(to);
  }

  #tell(from, to) {
    for (let slot = from; slot <= to; slot += 1) {
      if (this.isSkipped(slot)) continue;
      this.#tip = slot;
      this.emit("slot", slot);
      for (const record of [...this.history.inSlot(slot)]) this.emit("landed", record);
    }
  }

  /** Who had seen the lost blocks goes back to their parent; who had not never hears of them. */
  #undone(event) {
    if (this.#tip < event.from) return;
    this.#tip = event.parent;
    this.emit("undone", event);
  }
}
