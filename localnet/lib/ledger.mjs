/**
 * The chain: applies transactions in the current slot, keeps what landed, and answers for accounts
 * as of a slot. It never answers for a transaction before the journal has it, and it never lets one
 * land twice or with a blockhash that has expired.
 *
 * Events: "slot" (slot) once per slot passed, "landed" (record) when a transaction was applied.
 */
import { createHash } from "node:crypto";
import { EventEmitter } from "node:events";
import { Blockhashes } from "./blockhashes.mjs";
import { SlotClock, epochOf, kSlotsPerEpoch } from "./clock.mjs";
import { kDepth } from "./commitment.mjs";
import { decodeChange, encodeChange, sameAccount } from "./delta.mjs";
import { toBase58 } from "./encoding.mjs";
import { Faucet, kFaucetLamports } from "./faucet.mjs";
import { computeBudget } from "./fees.mjs";
import { History } from "./history.mjs";
import { landedOf, entryOf, compacted } from "./records.mjs";
import { Views } from "./views.mjs";
import { Vm } from "./vm.mjs";
import { decodeTransaction, resolveLookups, writableStaticKeys } from "./wire.mjs";

const kClockSysvar = "SysvarC1ock11111111111111111111111111111111";
const kSystemProgram = "11111111111111111111111111111111";
const kHistoryLimit = 100_000;
/** After a longer sleep of the machine, slots without transactions are not told one by one. */
const kTellAtMost = 256;
const kCompactBytes = 8 << 20;

/** @typedef {import("./vm.mjs").AccountState} AccountState */
/** @typedef {import("./history.mjs").Landed} Landed */

export class Ledger extends EventEmitter {
  #clock;
  #hashes;
  #vm;
  #views = new Views();
  #history;
  #journal;
  #faucet;
  #slot;
  #touched = new Set();
  #compactAt = kCompactBytes;
  #report;

  /**
   * @param {{chain: import("./state_dir.mjs").ChainFile, journal: import("./journal.mjs").Journal,
   *   report: (error: Error) => void, nowMs?: () => number, historyLimit?: number}} options
   */
  constructor({ chain, journal, report, nowMs = Date.now, historyLimit = kHistoryLimit }) {
    super();
    this.#report = report;
    const seed = Buffer.from(chain.seed, "hex");
    this.#clock = new SlotClock({ genesisMs: chain.genesis_ms, slotMs: chain.slot_ms, nowMs });
    this.#hashes = new Blockhashes(seed);
    this.#history = new History(historyLimit);
    this.#journal = journal;
    this.#faucet = new Faucet(seed);
    const rent = chain.rent_lamports_per_byte;
    this.#vm = new Vm({
      features: chain.features,
      rentLamportsPerByte: rent === null ? undefined : BigInt(rent),
    });
    this.#vm.setAccount(this.#faucet.address, {
      lamports: kFaucetLamports,
      data: new Uint8Array(),
      owner: kSystemProgram,
      executable: false,
    });
    this.genesisHash = toBase58(createHash("sha256").update("genesis").update(seed).digest());
    this.identity = toBase58(createHash("sha256").update("identity").update(seed).digest());
    this.#replay();
  }

  get slotMs() {
    return this.#clock.slotMs;
  }

  get history() {
    return this.#history;
  }

  get hashes() {
    return this.#hashes;
  }

  get slot() {
    return this.#slot;
  }

  msToNextSlot() {
    return this.#clock.msToNextSlot();
  }

  /** The newest slot that a view at this commitment shows. */
  slotAt(commitment) {
    return this.#slot - kDepth[commitment];
  }

  unixTime(slot) {
    return this.#clock.unixTime(slot);
  }

  /** Catches up with the wall clock. Cheap when nothing is due; called before every request. */
  advance() {
    const to = this.#clock.slot();
    if (to === this.#slot) return;
    const from = this.#slot;
    this.#hashes.advance(to);
    this.#slot = to;
    const first = Math.max(from + 1, to - kTellAtMost);
    for (let slot = from + 1; slot < first && slot <= from + kDepth.finalized; slot += 1) {
      this.emit("slot", slot);
    }
    for (let slot = first; slot <= to; slot += 1) this.emit("slot", slot);
    this.#views.prune(this.slotAt("finalized"));
    if (this.#journal.bytes > this.#compactAt) this.#tryCompact();
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
    const past = slot < this.#slot ? this.#views.at(address, slot) : undefined;
    return past === undefined ? this.#vm.account(address) : past;
  }

  /** @returns {{address: string, account: AccountState}[]} */
  programAccounts(owner, slot) {
    const past = new Map();
    for (const address of this.#views.addresses()) past.set(address, this.account(address, slot));
    const found = this.#vm.programAccounts(owner).filter(({ address }) => !past.has(address));
    for (const [address, account] of past) {
      if (account?.owner === owner) found.push({ address, account });
    }
    return found;
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

  #setVmTime() {
    const slot = this.#slot;
    this.#vm.setTime(slot, this.unixTime(slot), this.unixTime(epochOf(slot) * kSlotsPerEpoch));
  }

  /** Runs a transaction without keeping what it did. */
  simulate(transaction, { verifySignatures }) {
    this.#setVmTime();
    const { raw, message } = transaction;
    return guarded(() => this.#vm.simulate(raw, message.version, { verifySignatures }));
  }

  /**
   * Applies a transaction now. `record` is null where it did not land: then nothing was charged,
   * and `err` says why; a real node's leader would have dropped it.
   * @returns {{record: Landed|null, err: object|string|null}}
   */
  apply(transaction) {
    const { message, signature } = transaction;
    if (!this.#hashes.isValid(message.blockhash, this.#slot)) return dropped("BlockhashNotFound");
    if (this.#history.get(signature) !== undefined) return dropped("AlreadyProcessed");
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
      signature, slot: this.#slot, index: this.#history.inSlot(this.#slot).length,
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
    this.#remember(record, before, after);
    this.emit("landed", record);
  }

  #remember(record, before, after) {
    this.#history.add(record);
    for (const [address, account] of after) {
      this.#touched.add(address);
      this.#views.record(address, record.slot, before.get(address) ?? null, account);
    }
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
    const driftS = this.#clock.warp(seconds);
    this.#journal.append({ k: "warp", slot: this.#slot, drift_s: driftS });
  }

  #replay() {
    const now = this.#clock.slot();
    const entries = [];
    let newest = now;
    for (const entry of this.#journal.read()) {
      entries.push(entry);
      newest = Math.max(newest, entry.slot ?? 0);
    }
    this.#clock.atLeast(newest);
    this.#slot = newest;
    this.#hashes.advance(newest);
    this.#setVmTime();
    for (const entry of entries) this.#replayEntry(entry);
    this.#loadPrograms();
    this.#views.prune(this.slotAt("finalized"));
    this.#compactAt = this.#journal.bytes * 4 + kCompactBytes;
  }

  #replayEntry(entry) {
    if (entry.k === "warp") {
      this.#clock.setDrift(entry.slot, entry.drift_s);
      return;
    }
    const before = new Map();
    const after = new Map();
    for (const change of entry.d) {
      const [address] = change;
      before.set(address, this.#vm.account(address));
      after.set(address, decodeChange(change, before.get(address)));
    }
    for (const [address, account] of programsLast(after)) this.#vm.setAccount(address, account);
    if (entry.k === "tx") this.#remember(landedOf(entry), before, after);
    else for (const address of after.keys()) this.#touched.add(address);
  }

  /**
   * The machine loads code when a program's account is set, not when the account that holds the
   * code changes. Each program is set once more, with its last code behind it.
   */
  #loadPrograms() {
    for (const address of this.#touched) {
      const account = this.#vm.account(address);
      if (account?.executable !== true) continue;
      try {
        this.#vm.setAccount(address, account);
      } catch {
        // The program was closed: its account names code that is gone, and stays uncallable.
      }
    }
  }

  /** Replaces the journal by one that leads to the same state with fewer bytes. */
  compact() {
    const final = this.slotAt("finalized");
    const accounts = [...this.#touched].map((address) => [address, this.account(address, final)]);
    this.#journal.rewrite(compacted({
      accounts,
      records: this.#history.all(),
      final,
      drifts: this.#clock.drifts(),
      recent: [...this.#views.addresses()],
      stateAt: (address, slot) => this.account(address, slot),
    }));
    this.#compactAt = this.#journal.bytes * 4 + kCompactBytes;
  }

  close() {
    this.#journal.close();
  }
}

/** Code before the program that names it, which cannot be set without. */
const programsLast = (accounts) => [...accounts].sort(([, a], [, b]) =>
  Number(a?.executable === true) - Number(b?.executable === true));

const dropped = (err) => ({ record: null, err });

/** The machine throws on bytes it cannot read at all; a node calls those malformed. */
function guarded(run) {
  try {
    return run();
  } catch (error) {
    return {
      err: "SanitizeFailure", logs: [], units: 0, inner: [], returnData: null, fee: 0n,
      accounts: null, cause: error,
    };
  }
}
