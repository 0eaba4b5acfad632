// What public data says of one host. Pure.
import type { Offer, Schemas } from "../../lib/api.ts";
import type { Ended } from "../../lib/outcomes/outcomes.ts";

export type HostNow = Schemas["HostNow"];
export type HostedLease = Schemas["HostedLease"];

// Whether it can be an address: base58 of 32 bytes has so many letters.
export function isAddress(text: string): boolean {
  return /^[1-9A-HJ-NP-Za-km-z]{32,44}$/.test(text);
}

export const amountOf = (text: string | undefined): bigint | undefined =>
  text !== undefined && /^[0-9]{1,20}$/.test(text) ? BigInt(text) : undefined;

// Newly read ended leases before those that are known; each once, as it was read last.
export function merged(fresh: readonly Ended[], known: readonly Ended[]): Ended[] {
  const isFresh = new Set(fresh.map((one) => one.lease));
  return [...fresh, ...known.filter((one) => !isFresh.has(one.lease))];
}

export interface Paid {
  leases: number;
  host: bigint; // lamports
  fee: bigint;
  unread: number; // of these leases; their amounts are not in the sums, since nobody knows them
}
export interface Day extends Paid {
  day: string; // UTC, "2026-11-29"
}

// What the chain paid for these leases.
export function paidOf(entries: readonly Ended[]): Paid {
  const sum: Paid = { leases: entries.length, host: 0n, fee: 0n, unread: 0 };
  for (const entry of entries) {
    const [host, fee] = [amountOf(entry.host_lamports), amountOf(entry.fee_lamports)];
    if (host === undefined || fee === undefined) sum.unread += 1;
    sum.host += host ?? 0n;
    sum.fee += fee ?? 0n;
  }
  return sum;
}

// The same by the day on which they ended, the newest first.
export function byDay(entries: readonly Ended[]): Day[] {
  const days = new Map<string, Ended[]>();
  for (const entry of entries) {
    const day = entry.ended_at.slice(0, 10);
    const of = days.get(day);
    if (of) of.push(entry);
    else days.set(day, [entry]);
  }
  return [...days]
    .map(([day, of]) => ({ day, ...paidOf(of) }))
    .sort((a, b) => (a.day < b.day ? 1 : -1));
}

export type When = "now" | "12h" | "3d" | "at";

// Unix seconds from which nothing new is to be served; `text` is a local time, as a browser's field
// gives it. Undefined: it is none.
export function fromOf(when: When, text: string, nowMs: number): number | undefined {
  const nowS = Math.floor(nowMs / 1_000);
  if (when === "now") return nowS;
  if (when === "12h") return nowS + 12 * 3_600;
  if (when === "3d") return nowS + 3 * 86_400;
  const ms = Date.parse(text);
  return Number.isFinite(ms) && ms >= 0 ? Math.floor(ms / 1_000) : undefined;
}

// What a host has noted of its maintenance when it was asked to.
export interface Noted {
  from: number | undefined; // Unix seconds; undefined: none is planned
  atMs: number; // when it said so
  isShown: boolean; // the market has shown the same since
}

// It lists its cards anew within a second; until the market shows that, the old plan is no other.
const LISTED_WITHIN_MS = 10_000;

export function isOutdated(noted: Noted, shown: number | undefined, nowMs: number): boolean {
  const isLate = noted.isShown || nowMs - noted.atMs > LISTED_WITHIN_MS;
  return isLate && noted.from !== shown;
}

export interface Advice {
  others: number;
  cheaper: number;
  least: number | undefined; // micro USD, of the others
  rank: number; // 1: nobody asks less
}

// Where a price stands among other hosts' offers of the same card.
export function adviceOf(price: number, others: readonly Offer[]): Advice {
  const prices = others.map((offer) => offer.micro_usd_per_hour).sort((a, b) => a - b);
  const cheaper = prices.filter((other) => other < price).length;
  return { others: prices.length, cheaper, least: prices[0], rank: cheaper + 1 };
}
