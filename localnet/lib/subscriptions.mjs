/**
 * Who wants to hear of what. Turns a node's events into notifications: at "processed" when a
 * transaction is applied, at "confirmed" and "finalized" when its slot gets that old. It never
 * shows a subscriber anything younger than the commitment it asked for. When blocks are taken back
 * it does as a real node: who watches an account is told how it stands again; program, log and
 * signature subscribers are not told, and what they heard is theirs to check.
 */
import { kCommitments } from "./commitment.mjs";
import { invalidParams, kInvalidParams, RpcError } from "./errors.mjs";
import {
  accountFilter, accountJson, accountStyle, kGoneAccount,
} from "./rpc/account_json.mjs";
import {
  address, commitment, config, flag, signature, withContext,
} from "./rpc/params.mjs";

const kPerCallerLimit = 1000;

/**
 * @typedef {object} Subscription
 * @property {number} id
 * @property {string} kind
 * @property {string} level
 * @property {{send: (value: object) => void}} caller
 * @property {string} [key]
 * @property {object} [style]
 * @property {(account: object) => boolean} [matches]
 */

/** Each kind's params, checked. */
const kReaders = {
  account([key, options]) {
    const settings = config(options);
    return {
      key: address(key), style: accountStyle(settings), level: commitment(settings),
    };
  },
  program([key, options]) {
    const settings = config(options);
    return {
      key: address(key), style: accountStyle(settings), level: commitment(settings),
      matches: accountFilter(settings.filters),
    };
  },
  signature([key, options]) {
    const settings = config(options);
    return {
      key: signature(key), level: commitment(settings),
      early: flag(settings.enableReceivedNotification, "enableReceivedNotification"),
    };
  },
  logs([filter, options]) {
    const level = commitment(config(options));
    if (filter === "all" || filter === "allWithVotes") return { level };
    const { mentions } = config(filter);
    if (!Array.isArray(mentions) || mentions.length !== 1) {
      throw invalidParams('the filter is "all" or {mentions: [one address]}');
    }
    return { level, key: address(mentions[0]) };
  },
  slot: () => ({ level: "processed" }),
  root: () => ({ level: "finalized" }),
};

export class Subscriptions {
  #ledger;
  /** Per commitment: the newest slot told, and the accounts told that have since been undone. */
  #levels = new Map();
  /** @type {Map<number, Subscription>} */
  #all = new Map();
  /** @type {Map<object, Set<number>>} */
  #byCaller = new Map();
  #nextId = 1;

  /** @param {import("./node.mjs").Node} ledger  what one node has of the chain */
  constructor(ledger) {
    this.#ledger = ledger;
    for (const level of kCommitments) {
      this.#levels.set(level, { told: ledger.slotAt(level), undone: new Set() });
    }
    ledger.on("landed", (record) => this.#tell("processed", record.slot, [record]));
    ledger.on("slot", (slot) => this.#slot(slot));
    ledger.on("undone", (event) => this.#undone(event));
  }

  /** The methods of a socket; their second argument is the caller. */
  methods() {
    const methods = {};
    for (const [kind, read] of Object.entries(kReaders)) {
      methods[`${kind}Subscribe`] = (params, caller) => this.#add(kind, read(params), caller);
      methods[`${kind}Unsubscribe`] = ([id], caller) => this.#remove(id, caller);
    }
    return methods;
  }

  /** Forgets a caller that is gone. */
  drop(caller) {
    for (const id of this.#byCaller.get(caller) ?? []) this.#all.delete(id);
    this.#byCaller.delete(caller);
  }

  /** A transaction has come in and is about to be applied. */
  received(wanted) {
    for (const entry of this.#all.values()) {
      if (entry.kind === "signature" && entry.key === wanted && entry.early) {
        this.#notify(entry, withContext(this.#ledger.slot, "receivedSignature"));
      }
    }
  }

  #add(kind, wish, caller) {
    const mine = this.#byCaller.get(caller) ?? new Set();
    if (mine.size >= kPerCallerLimit) {
      throw new RpcError(kInvalidParams, `a socket holds at most ${kPerCallerLimit} subscriptions`);
    }
    const id = this.#nextId;
    this.#nextId += 1;
    const entry = { id, kind, caller, ...wish };
    this.#all.set(id, entry);
    this.#byCaller.set(caller, mine.add(id));
    // The answer with the id must be out before the first notification.
    if (kind === "signature") setImmediate(() => this.#signatureNow(entry));
    return id;
  }

  #remove(id, caller) {
    const mine = this.#byCaller.get(caller);
    if (mine === undefined || !mine.delete(id)) throw invalidParams("no such subscription here");
    this.#all.delete(id);
    return true;
  }

  #notify(entry, result) {
    entry.caller.send({
      jsonrpc: "2.0",
      method: `${entry.kind}Notification`,
      params: { result, subscription: entry.id },
    });
  }

  #signatureNow(entry) {
    if (!this.#all.has(entry.id)) return;
    const record = this.#ledger.history.get(entry.key);
    const slot = this.#ledger.slotAt(entry.level);
    if (record !== undefined && record.slot <= slot) this.#signatureDone(entry, slot, record);
  }

  #signatureDone(entry, slot, record) {
    this.#notify(entry, withContext(slot, { err: record.err }));
    this.#remove(entry.id, entry.caller);
  }

  #slot(slot) {
    const root = this.#ledger.slotAt("finalized", slot);
    const parent = this.#ledger.parentOf(slot);
    for (const entry of this.#all.values()) {
      if (entry.kind === "slot") this.#notify(entry, { slot, parent, root });
      if (entry.kind === "root") this.#notify(entry, root);
    }
    for (const [level, state] of this.#levels) {
      const view = this.#ledger.slotAt(level, slot);
      // What lands at "processed" is told when it does.
      for (let at = level === "processed" ? view : state.told + 1; at <= view; at += 1) {
        const records = level === "processed" ? [] : this.#ledger.history.inSlot(at);
        this.#tellUndone(level, at, state.undone, records);
        if (records.length > 0) this.#tell(level, at, records);
      }
      state.told = view;
    }
  }

  #undone({ changed }) {
    for (const state of this.#levels.values()) {
      for (const [address, slot] of changed) {
        if (slot <= state.told) state.undone.add(address);
      }
    }
  }

  /** An account whose change was told and undone is told once more, as it stands now. */
  #tellUndone(level, slot, undone, records) {
    if (undone.size === 0) return;
    const touched = new Set(records.flatMap((record) => record.writable));
    for (const entry of [...this.#all.values()]) {
      if (entry.kind !== "account" || entry.level !== level) continue;
      if (undone.has(entry.key) && !touched.has(entry.key)) this.#tellAccount(entry, slot);
    }
    undone.clear();
  }

  /** Tells the subscribers of a level about the transactions of a slot that just reached it. */
  #tell(level, slot, records) {
    const touched = new Set(records.flatMap((record) => record.writable));
    for (const entry of [...this.#all.values()]) {
      if (entry.level !== level) continue;
      if (entry.kind === "account" && touched.has(entry.key)) this.#tellAccount(entry, slot);
      if (entry.kind === "program") this.#tellProgram(entry, slot, touched);
      if (entry.kind === "logs") this.#tellLogs(entry, slot, records);
      if (entry.kind === "signature") {
        const record = records.find((one) => one.signature === entry.key);
        if (record !== undefined) this.#signatureDone(entry, slot, record);
      }
    }
  }

  #tellAccount(entry, slot) {
    const account = this.#ledger.account(entry.key, slot) ?? kGoneAccount;
    this.#notify(entry, withContext(slot, this.#show(account, entry.style)));
  }

  #tellProgram(entry, slot, touched) {
    for (const pubkey of touched) {
      const account = this.#ledger.account(pubkey, slot);
      if (account === null || account.owner !== entry.key || !entry.matches(account)) continue;
      const value = { pubkey, account: this.#show(account, entry.style) };
      this.#notify(entry, withContext(slot, value));
    }
  }

  #tellLogs(entry, slot, records) {
    for (const record of records) {
      if (entry.key !== undefined && !record.keys.includes(entry.key)) continue;
      const { signature: landed, err, logs } = record;
      this.#notify(entry, withContext(slot, { signature: landed, err, logs }));
    }
  }

  /** Nobody is there to be told that an account is too large for base58: it goes as base64. */
  #show(account, style) {
    try {
      return accountJson(account, style);
    } catch {
      return accountJson(account, { ...style, encoding: "base64" });
    }
  }
}
