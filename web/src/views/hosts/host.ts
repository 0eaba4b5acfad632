// What public data says of one host. Pure.
import type { Lease, Offer } from "../../lib/api.ts";
import type { Ended } from "../../lib/outcomes/outcomes.ts";

// Whether it can be an address: base58 of 32 bytes has so many letters.
export function isAddress(text: string): boolean {
  return /^[1-9A-HJ-NP-Za-km-z]{32,44}$/.test(text);
}

// The ended leases that may be this host's: of its kinds of card, where these are known. The list
// of outcomes names no host, so each has to be asked for by itself; hence the bound.
export function candidates(
  entries: readonly Ended[],
  offers: readonly Offer[],
  most: number,
): Ended[] {
  const cards = new Set(offers.map((offer) => offer.card));
  return entries
    .filter(
      (entry) => entry.outcome !== "never_paid" && (cards.size === 0 || cards.has(entry.card)),
    )
    .slice(0, most);
}

export interface Served {
  lease: Lease;
  endedAt: string;
}

export interface Day {
  day: string; // UTC, "2026-11-29"
  leases: number;
  host: bigint; // lamports
  fee: bigint;
}

const amount = (text: string | undefined) =>
  text !== undefined && /^[0-9]{1,20}$/.test(text) ? BigInt(text) : 0n;

// What the ends of leases paid, by day, the newest first.
export function byDay(served: readonly Served[]): Day[] {
  const days = new Map<string, Day>();
  for (const { lease, endedAt } of served) {
    const day = endedAt.slice(0, 10);
    const sum = days.get(day) ?? { day, leases: 0, host: 0n, fee: 0n };
    days.set(day, {
      day,
      leases: sum.leases + 1,
      host: sum.host + amount(lease.host_lamports),
      fee: sum.fee + amount(lease.fee_lamports),
    });
  }
  return [...days.values()].sort((a, b) => (a.day < b.day ? 1 : -1));
}

export interface Counts {
  kept: number; // became ready; ended by the renter or by its time
  left: number; // ended by the host
  dark: number;
  missed: number; // not ready in time
  withdrawn: number; // cancelled before: counts nowhere
  counted: number; // kept, left, dark, missed
}

export function countsOf(served: readonly Served[]): Counts {
  const of = (...outcomes: Lease["outcome"][]) =>
    served.filter(({ lease }) => outcomes.includes(lease.outcome)).length;
  const kept = of("ran_to_the_end", "stopped_by_renter");
  const left = of("stopped_by_host");
  const dark = of("host_dark");
  const missed = of("not_ready");
  return {
    kept,
    left,
    dark,
    missed,
    withdrawn: of("cancelled"),
    counted: kept + left + dark + missed,
  };
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

// Asks for each, a few at a time and in order; stops where the signal does.
export async function inTurns<T, R>(
  items: readonly T[],
  atOnce: number,
  ask: (item: T) => Promise<R>,
  done: (count: number) => void,
): Promise<R[]> {
  const out: R[] = [];
  for (let i = 0; i < items.length; i += atOnce) {
    out.push(...(await Promise.all(items.slice(i, i + atOnce).map(ask))));
    done(Math.min(items.length, i + atOnce));
  }
  return out;
}
