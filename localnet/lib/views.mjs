/**
 * Accounts as they stood a few slots ago. A transaction is applied once, in the newest slot; a
 * reader at "confirmed" or "finalized" must not see it yet. This keeps the versions of every
 * account that changed in the slots that are not final, and nothing else; a rollback takes from it
 * what was there before.
 */

/** @typedef {import("./vm.mjs").AccountState} AccountState */

export class Views {
  /** @type {Map<string, {slot: number, account: AccountState|null}[]>} */
  #versions = new Map();

  /** Notes that `address` was `before` until this slot and is `after` from it on. */
  record(address, slot, before, after) {
    const list = this.#versions.get(address);
    if (list === undefined) {
      this.#versions.set(address, [
        { slot: -1, account: before },
        { slot, account: after },
      ]);
      return;
    }
    const last = list[list.length - 1];
    if (last.slot === slot) last.account = after;
    else list.push({ slot, account: after });
  }

  /**
   * The account as of a slot; undefined where the newest state holds for every slot.
   * @returns {AccountState|null|undefined}
   */
  at(address, slot) {
    const list = this.#versions.get(address);
    if (list === undefined) return undefined;
    let index = list.length - 1;
    while (index > 0 && list[index].slot > slot) index -= 1;
    return list[index].account;
  }

  addresses() {
    return this.#versions.keys();
  }

  /** Takes back everything from this slot on. @returns {Map<string, AccountState|null>} what was */
  undo(from) {
    const restored = new Map();
    for (const [address, list] of this.#versions) {
      if (list[list.length - 1].slot < from) continue;
      while (list[list.length - 1].slot >= from) list.pop();
      restored.set(address, list[list.length - 1].account);
      if (list.length === 1) this.#versions.delete(address);
    }
    return restored;
  }

  /** The accounts that changed from this slot on, each with the first slot in which it did. */
  changedSince(from) {
    const changed = new Map();
    for (const [address, list] of this.#versions) {
      const first = list.find(({ slot }) => slot >= from);
      if (first !== undefined) changed.set(address, first.slot);
    }
    return changed;
  }

  /** Forgets what no reader at `finalized` or above can ask for. */
  prune(finalized) {
    for (const [address, list] of this.#versions) {
      while (list.length > 1 && list[1].slot <= finalized) list.shift();
      if (list.length === 1) this.#versions.delete(address);
    }
  }
}
