/**
 * Transactions that landed, as lines of the journal and back, and the shorter journal that a long
 * one is replaced by.
 */
import { encodeChange, sameAccount } from "./delta.mjs";

/** @typedef {import("./history.mjs").Landed} Landed */

/** @param {Landed} record @param {any[]} changes the accounts that changed, encoded */
export function entryOf(record, changes) {
  return {
    k: "tx", sig: record.signature, slot: record.slot, i: record.index, time: record.time,
    v: record.version, err: record.err, raw: Buffer.from(record.raw).toString("base64"),
    keys: record.keys, loaded: record.loaded, w: record.writable, pre: record.pre.map(String),
    post: record.post.map(String), fee: record.fee.toString(), price: record.price,
    units: record.units, logs: record.logs, inner: record.inner, ret: record.returnData,
    d: changes,
  };
}

/** @returns {Landed} */
export function landedOf(entry) {
  return {
    signature: entry.sig, slot: entry.slot, index: entry.i, time: entry.time, version: entry.v,
    err: entry.err, raw: Buffer.from(entry.raw, "base64"), keys: entry.keys,
    loaded: entry.loaded, writable: entry.w, pre: entry.pre.map(BigInt),
    post: entry.post.map(BigInt), fee: BigInt(entry.fee), price: entry.price,
    units: entry.units, logs: entry.logs, inner: entry.inner, returnData: entry.ret,
  };
}

/** A change of the chain's clock. @param {import("./clock.mjs").Span} span */
export function clockEntry({ slot, driftS, jumped, floorS }) {
  return { k: "warp", slot, drift_s: driftS, jumped, floor_s: floorS };
}

/** @returns {import("./clock.mjs").Span} */
export function spanOf({ slot, drift_s: driftS, jumped = 0, floor_s: floorS }) {
  return { slot, driftS, jumped, floorS: floorS ?? -Infinity };
}

/** Slots that lost their blocks; the chain went on in the one behind them. */
export function deadEntry({ from, to, floor }) {
  return { k: "dead", slot: to + 1, from, to, floor };
}

/**
 * The entries of a compacted journal: the accounts as they are final, the history, and behind them
 * the slots that are not final yet with their changes, so that a restart shows the same views.
 */
export function* compacted({ accounts, records, final, spans, dead, recent, stateAt }) {
  for (const span of spans) yield clockEntry(span);
  for (const range of dead) yield deadEntry(range);
  const ready = accounts.filter(([, account]) => account !== null && !account.executable);
  const programs = accounts.filter(([, account]) => account?.executable === true);
  for (const [address, account] of [...ready, ...programs]) {
    yield { k: "accounts", d: [encodeChange(address, null, account)] };
  }
  const gone = accounts.filter(([, account]) => account === null);
  yield { k: "accounts", d: gone.map(([address]) => [address]) };
  const told = new Set();
  for (const record of records) {
    if (record.slot <= final) {
      yield entryOf(record, []);
      continue;
    }
    // All changes of a slot go with its first transaction: views are kept by slot.
    const changes = told.has(record.slot) ? [] : changesOf(record.slot, recent, stateAt);
    told.add(record.slot);
    yield entryOf(record, changes);
  }
}

function changesOf(slot, addresses, stateAt) {
  return addresses.flatMap((address) => {
    const before = stateAt(address, slot - 1);
    const after = stateAt(address, slot);
    return sameAccount(before, after) ? [] : [encodeChange(address, before, after)];
  });
}
