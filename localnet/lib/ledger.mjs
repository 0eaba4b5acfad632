/**
 * The chain: applies transactions in the current slot, keeps what landed, and answers for accounts
 * as of a slot. It never answers for a transaction before the journal has it, it never lets one
 * land twice or with a blockhash that has expired, and it never takes back what is finalized.
 *
 * Events: "advanced" (to) when there are new slots, "landed" (record) when a transaction was
 * applied, "undone" ({from, parent, changed, records}) when slots lost their blocks, "opened"
 * (slot, slots) once the new slots are told and the newest takes transactions.
 */
import { createHash } from "node:crypto";
import { EventEmitter } from "node:events";
import { Blockhashes, kMaxAgeBlocks } from "./blockhashes.mjs";
import { SlotClock, epochOf, kSlotsPerEpoch } from "./clock.mjs";
import { encodeChange, sameAccount } from "./delta.mjs";
import { toBase58 } from "./encoding.mjs";
import { Faucet, kFaucetLamports } from "./faucet.mjs";
import { computeBudget } from "./fees.mjs";
import { Fork } from "./fork.mjs";
import { clockEntry, compacted, deadEntry, entryOf, spanOf } from "./records.mjs";
import { State } from "./state.mjs";
import { Vm } from "./vm.mjs";
import { decodeTransaction, resolveLookups, writableStaticKeys } from "./wire.mjs";

const kClockSysvar = "SysvarC1ock11111111111111111111111111111111";
const kSystemProgram = "11111111111111111111111111111111";
const kHistoryLimit = 100_000;
const kCompactBytes = 8 << 20;

/** @typedef {import("./vm.mjs").AccountState} AccountState */
/** @typedef {import("./history.mjs").Landed} Landed */

export class Ledger extends EventEmitter {
  #clock;
  #fork = new Fork();
  #hashes;
  #vm;
  #state;
  #journal;
  #faucet;
  #slot;
  #readers = [];
  #compactAt = kCompactBytes;
  #report;

  /**
   * @param {{chain: import("./state_dir.mjs").ChainFile, journal: import("./journal.mjs").Journal,
   *   report: (error: Error) => void, nowMs?: () => number, historyLimit?: number}} options
   */
  constructor({ chain, journal, report, nowMs = Date.now, historyLimit = kHistoryLimit }) {
    super();
    // Every node listens, and there may be more than the emitter finds plausible.
    this.setMaxListeners(0);
    this.#report = report;
    const seed = Buffer.from(chain.seed, "hex");
    this.#clock = new SlotClock({ genesisMs: chain.genesis_ms, slotMs: chain.slot_ms, nowMs });
    this.#hashes = new Blockhashes(seed, this.#fork);
    this.#journal = journal;
    this.#faucet = new Faucet(seed);
    const rent = chain.rent_lamports_per_byte;
    this.#vm = new Vm({
      features: chain.features,
      rentLamportsPerByte: rent === null ? undefined : BigInt(rent),
    });
    this.#state = new State(this.#vm, historyLimit);
    this.#state.endow(this.#faucet.address, {
      lamports: kFaucetLamports,
      data: new Uint8Array(),
      owner: kSystemProgram,
      executable: false,
    });
    this.seed = seed;
    this.genesisHash = toBase58(createHash("sha256").update("genesis").update(seed).digest());
    this.#replay();
  }

  get slotMs() {
    return this.#clock.slotMs;
  }

  get history() {
    return this.#state.history;
  }

  get hashes() {
    return this.#hashes;
  }

  get fork() {
    return this.#fork;
  }

  get slot() {
    return this.#slot;
  }

  msToNextSlot() {
    return this.#clock.msToNextSlot();
  }

  /** The slot that a view at this commitment shows when `tip` is the newest. */
  slotAt(commitment, tip = this.#slot) {
    return this.#fork.viewOf(commitment, tip);
  }

  unixTime(slot) {
    return this.#clock.unixTime(slot);
  }

  /** Keeps what a reader may still ask for: `oldest` says which slot that is. */
  keepFor(oldest) {
    this.#readers.push(oldest);
  }

  /** Catches up with the wall clock. Cheap when nothing is due; called before every request. */
  advance() {
    const to = this.#clock.slot();
    if (to === this.#slot) return;
    const slots = to - this.#slot;
    this.#open(to);
    this.emit("opened", to, slots);
  }

  #open(slot) {
    this.#hashes.advance(slot);
    this.#slot = slot;
    this.emit("advanced", slot);
    this.#prune();
    if (this.#journal.bytes > this.#compactAt) this.#tryCompact();
  }

  #prune() {
    const oldest = this.#readers.map((read) => read());
    this.#state.views.prune(Math.min(this.slotAt("finalized"), ...oldest));
  }

  /** The long journal is as good as the short one: where that cannot be made, it stays. */
  #tryCompact() {
    try {
      this.compact();
    } catch (error) {
      this.#compactAt = this.#journal.bytes * 2;
      this.#report(error);
    }
  }

  /** @returns {AccountState|null} the account as a view at this slot shows it */
  account(address, slot) {
    if (address === kClockSysvar) return this.#clockAccount(slot);
    return this.#state.account(address, slot);
  }

  /** @returns {{address: string, account: AccountState}[]} */
  programAccounts(owner, slot) {
    return this.#state.programAccounts(owner, slot);
  }

  minimumBalance(bytes) {
    return this.#vm.minimumBalance(bytes);
  }

  #clockAccount(slot) {
    const account = this.#vm.account(kClockSysvar);
    const epoch = epochOf(slot);
    const data = Buffer.alloc(40);
    data.writeBigUInt64LE(BigInt(slot), 0);
    data.writeBigInt64LE(BigInt(this.unixTime(epoch * kSlotsPerEpoch)), 8);
    data.writeBigUInt64LE(BigInt(epoch), 16);
    data.writeBigUInt64LE(BigInt(epoch + 1), 24);
    data.writeBigInt64LE(BigInt(this.unixTime(slot)), 32);
    return { ...account, data: Uint8Array.from(data) };
  }

  #setVmTime(slot = this.#slot) {
    this.#vm.setTime(slot, this.unixTime(slot), this.unixTime(epochOf(slot) * kSlotsPerEpoch));
  }

  /** Runs a transaction on the state of a slot, without keeping what it did. */
  simulate(transaction, { verifySignatures, slot = this.#slot }) {
    const { raw, message } = transaction;
    const run = () => {
      this.#setVmTime(slot);
      return guarded(() => this.#vm.simulate(raw, message.version, { verifySignatures }));
    };
    if (slot === this.#slot) return run();
    if (message.instructions.some(({ program }) =>
      this.account(message.keys[program], slot)?.executable !== true)) {
      return nothingRan("InvalidProgramForExecution");
    }
    const loaded = resolveLookups(message, (address) => this.account(address, slot))
      ?? { writable: [], readonly: [] };
    return this.#state.asOf(slot, [...message.keys, ...loaded.writable, ...loaded.readonly], run);
  }

  /**
   * Applies a transaction now. `record` is null where it did not land: then nothing was charged,
   * and `err` says why; a real node's leader would have dropped it.
   * @returns {{record: Landed|null, err: object|string|null}}
   */
  apply(transaction) {
    const { message, signature } = transaction;
    if (!this.#hashes.isValid(message.blockhash, this.#slot)) return dropped("BlockhashNotFound");
    if (this.history.get(signature) !== undefined) return dropped("AlreadyProcessed");
    const loaded = resolveLookups(message, (address) => this.#vm.account(address));
    if (loaded === null) return dropped("InvalidAddressLookupTableIndex");
    const keys = [...message.keys, ...loaded.writable, ...loaded.readonly];
    const writable = [...writableStaticKeys(message), ...loaded.writable];
    const before = new Map(writable.map((address) => [address, this.#vm.account(address)]));
    const pre = keys.map((key) => this.#vm.balance(key));
    this.#setVmTime();
    const result = guarded(() => this.#vm.execute(transaction.raw, message.version));
    const post = keys.map((key) => this.#vm.balance(key));
    // What is charged has landed; a transaction that could not even pay has not.
    if (result.err !== null && post[0] >= pre[0]) return dropped(result.err);
    const record = {
      signature, slot: this.#slot, index: this.history.inSlot(this.#slot).length,
      time: this.unixTime(this.#slot), version: message.version, err: result.err,
      raw: transaction.raw, keys, loaded, writable, pre, post, fee: result.fee,
      price: Number(computeBudget(message).price), units: result.units, logs: result.logs,
      inner: result.inner, returnData: result.returnData,
    };
    this.#keep(record, before);
    return { record, err: result.err };
  }

  /** @param {Landed} record */
  #keep(record, before) {
    const changes = [];
    const after = new Map(record.writable.map((key) => [key, this.#vm.account(key)]));
    for (const [address, account] of after) {
      const old = before.get(address);
      if (!sameAccount(old, account)) changes.push(encodeChange(address, old, account));
    }
    this.#journal.append(entryOf(record, changes));
    this.#state.remember(record, before, after);
    this.emit("landed", record);
  }

  /** Sends lamports from the faucet; the signature, or null where the faucet cannot. */
  airdrop(address, lamports) {
    const { blockhash } = this.#hashes.latest(this.#slot);
    const raw = this.#faucet.transfer(address, lamports, blockhash);
    const { record } = this.apply(decodeTransaction(raw));
    return record === null || record.err !== null ? null : record.signature;
  }

  /** Moves the chain's unix time on, from the current slot; slots go their own way. */
  warp(seconds) {
    this.#journal.append(clockEntry(this.#clock.warp(seconds)));
  }

  /** Sets the chain's unix time on or back; back means that it stands still for so long. */
  step(seconds) {
    this.#journal.append(clockEntry(this.#clock.step(seconds)));
  }

  /** Lets so many slots pass at once that no blockhash of before is good any more. */
  expire() {
    const slots = kMaxAgeBlocks + 1;
    this.#journal.append(clockEntry(this.#clock.jump(slots)));
    this.#open(this.#clock.slot());
    return slots;
  }

  /**
   * The newest blocks lose against another fork: at most `wanted` of them, never a finalized one.
   * What landed in them is taken back, their blockhashes are good for nothing, and the chain goes
   * on in the next slot, whose parent is the last block before them.
   * @returns {{from: number, to: number, parent: number, records: Landed[]}}
   */
  rollback(wanted) {
    const to = this.#slot;
    const finalized = this.slotAt("finalized");
    const depth = this.#fork.heightOf(to) - this.#fork.heightOf(finalized);
    const parent = this.#fork.back(to, Math.min(wanted, depth));
    const from = this.#fork.back(to, Math.min(wanted, depth) - 1);
    const floor = { confirmed: Math.min(this.slotAt("confirmed"), parent), finalized };
    const changed = this.#state.views.changedSince(from);
    const records = this.#state.undo(from);
    this.#fork.kill(from, to, floor);
    this.#clock.atLeast(to + 1);
    this.#journal.append(deadEntry({ from, to, floor }));
    this.emit("undone", { from, parent, changed, records });
    this.#open(to + 1);
    return { from, to, parent, records };
  }

  #replay() {
    const entries = [...this.#journal.read()];
    for (const entry of entries) {
      if (entry.k === "warp") this.#clock.begin(spanOf(entry));
    }
    const newest = entries.reduce((slot, entry) => Math.max(slot, entry.slot ?? 0),
      this.#clock.slot());
    this.#clock.atLeast(newest);
    this.#slot = newest;
    this.#setVmTime();
    for (const entry of entries) this.#replayEntry(entry);
    this.#hashes.advance(newest);
    this.#state.loadPrograms();
    this.#prune();
    this.#compactAt = this.#journal.bytes * 4 + kCompactBytes;
  }

  #replayEntry(entry) {
    if (entry.k === "dead") {
      this.#state.undo(entry.from);
      this.#fork.kill(entry.from, entry.to, entry.floor);
    } else if (entry.k !== "warp") {
      this.#state.replay(entry);
    }
  }

  /** Replaces the journal by one that leads to the same state with fewer bytes. */
  compact() {
    const final = this.slotAt("finalized");
    const { touched, views, history } = this.#state;
    const accounts = [...touched].map((address) => [address, this.account(address, final)]);
    this.#journal.rewrite(compacted({
      accounts,
      records: history.all(),
      final,
      spans: this.#clock.spans(),
      dead: this.#fork.ranges(),
      recent: [...views.addresses()],
      stateAt: (address, slot) => this.account(address, slot),
    }));
    this.#compactAt = this.#journal.bytes * 4 + kCompactBytes;
  }

  close() {
    this.#journal.close();
  }
}

const dropped = (err) => ({ record: null, err });

/** The machine throws on bytes it cannot read at all; a node calls those malformed. */
function guarded(run) {
  try {
    return run();
  } catch {
    return nothingRan("SanitizeFailure");
  }
}

const nothingRan = (err) => ({
  err, logs: [], units: 0, inner: [], returnData: null, fee: 0n, accounts: null,
});
