/**
 * What the chain holds: the machine's accounts, their versions of the slots that are not final, and
 * the history. It applies changes and takes them back; whether that may be done the ledger says.
 */
import { decodeChange, sameAccount } from "./delta.mjs";
import { History } from "./history.mjs";
import { landedOf } from "./records.mjs";
import { Views } from "./views.mjs";

/** @typedef {import("./vm.mjs").AccountState} AccountState */
/** @typedef {import("./history.mjs").Landed} Landed */

export class State {
  #vm;
  #views = new Views();
  #touched = new Set();

  /** @param {import("./vm.mjs").Vm} vm */
  constructor(vm, historyLimit) {
    this.#vm = vm;
    this.history = new History(historyLimit);
  }

  /** Every account that a transaction may have changed. */
  get touched() {
    return this.#touched;
  }

  get views() {
    return this.#views;
  }

  /** The account as of a slot. @returns {AccountState|null} */
  account(address, slot) {
    const past = this.#views.at(address, slot);
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

  /** Gives an account what it has before any transaction. */
  endow(address, account) {
    this.#touched.add(address);
    this.#vm.setAccount(address, account);
  }

  /** Keeps what a transaction did. @param {Landed} record */
  remember(record, before, after) {
    this.history.add(record);
    for (const [address, account] of after) {
      this.#touched.add(address);
      this.#views.record(address, record.slot, before.get(address) ?? null, account);
    }
  }

  /** Puts back what an entry of the journal says. */
  replay(entry) {
    const before = new Map();
    const after = new Map();
    for (const change of entry.d) {
      const [address] = change;
      before.set(address, this.#vm.account(address));
      after.set(address, decodeChange(change, before.get(address)));
    }
    for (const [address, account] of programsLast(after)) this.#vm.setAccount(address, account);
    if (entry.k === "tx") this.remember(landedOf(entry), before, after);
    else for (const address of after.keys()) this.#touched.add(address);
  }

  /** Takes back everything from this slot on. @returns {Landed[]} what it was, oldest first */
  undo(from) {
    const restored = [...this.#views.undo(from)];
    if (restored.some(([address, account]) => this.#isGone(address, account))) {
      this.#renew(restored);
    } else {
      this.#set(restored);
    }
    return this.history.undo(from);
  }

  /** True for what is a program now and, as this account, is none. */
  #isGone(address, account) {
    return account?.executable !== true && this.#vm.account(address)?.executable === true;
  }

  /** Puts the accounts into a new machine, which has no memory of programs that are gone. */
  #renew(changed) {
    const accounts = new Map([...this.#touched].map((address) =>
      [address, this.#vm.account(address)]));
    for (const [address, account] of changed) accounts.set(address, account);
    this.#vm.renew();
    this.#set(accounts);
  }

  #set(accounts) {
    for (const [address, account] of programsLast(accounts)) {
      if (account?.executable === true) this.#load(address, account);
      else if (!sameAccount(account, this.#vm.account(address))) {
        this.#vm.setAccount(address, account);
      }
    }
  }

  /**
   * The machine loads code when a program's account is set, not when the account that holds the
   * code changes. Each program is set once more, with its last code behind it.
   */
  loadPrograms() {
    for (const address of this.#touched) {
      const account = this.#vm.account(address);
      if (account?.executable === true) this.#load(address, account);
    }
  }

  #load(address, account) {
    try {
      this.#vm.setAccount(address, account);
    } catch {
      // The program was closed: its account names code that is gone, and stays uncallable.
    }
  }

  /**
   * Runs something on these accounts as they were in a slot, and puts them back. It must not call a
   * program that was none then: the machine has its code, and not its account.
   */
  asOf(slot, addresses, run) {
    const now = new Map();
    const then = new Map();
    for (const address of addresses) {
      const [current, past] = [this.#vm.account(address), this.account(address, slot)];
      if (sameAccount(current, past)) continue;
      now.set(address, current);
      then.set(address, past);
    }
    this.#set(then);
    try {
      return run();
    } finally {
      this.#set(now);
    }
  }
}

/** Code before the program that names it, which cannot be set without. */
const programsLast = (accounts) => [...accounts].sort(([, a], [, b]) =>
  Number(a?.executable === true) - Number(b?.executable === true));
