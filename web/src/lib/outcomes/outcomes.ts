// What ended leases come to, by the market's public list; formulas of docs/reliability.md. Pure.
import type { Schemas } from "../api.ts";

export type Ended = Schemas["EndedLease"];
export type Ending = Schemas["Outcome"];

// Of n values in order the one at ceil(n * percent / 100), counted from 1: nearest rank.
export function nearestRank(values: readonly number[], percent: number): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  const place = Math.max(1, Math.ceil((sorted.length * percent) / 100));
  return sorted[place - 1];
}

// The meter of such a lease ran: the watch had logged in.
export function becameReady(entry: Ended): boolean {
  return entry.served_s !== undefined;
}

export interface Figures {
  ended: number;
  simulated: number;
  ready: number;
  missed: number; // paid, and not ready in time
  readyBps: number | undefined; // of ready and missed, rounded down
  logins: number;
  loginP50: number | undefined;
  loginP95: number | undefined;
  servedSeconds: number;
  earned: bigint; // lamports, the market's fee within
  from: string | undefined; // the first and the last end of them
  to: string | undefined;
}

export function figuresOf(entries: readonly Ended[]): Figures {
  const ready = entries.filter(becameReady);
  const missed = entries.filter((entry) => entry.outcome === "not_ready").length;
  const counted = ready.length + missed;
  const waits = ready.flatMap((entry) => entry.confirmed_to_login_ms ?? []);
  const ends = entries.map((entry) => entry.ended_at).sort();
  return {
    ended: entries.length,
    simulated: entries.filter((entry) => entry.simulated).length,
    ready: ready.length,
    missed,
    readyBps: counted > 0 ? Math.floor((ready.length * 10_000) / counted) : undefined,
    logins: waits.length,
    loginP50: nearestRank(waits, 50),
    loginP95: nearestRank(waits, 95),
    servedSeconds: ready.reduce((sum, entry) => sum + (entry.served_s ?? 0), 0),
    earned: ready.reduce((sum, entry) => sum + earnedOf(entry), 0n),
    from: ends[0],
    to: ends.at(-1),
  };
}

// rate * seconds / 3600, rounded down, as the program reckons it.
export function earnedOf(entry: Ended): bigint {
  if (entry.served_s === undefined || !/^[0-9]{1,20}$/.test(entry.lamports_per_hour)) return 0n;
  return (BigInt(entry.lamports_per_hour) * BigInt(Math.floor(entry.served_s))) / 3_600n;
}

// The groups by some name, the one with most leases first.
export function groupBy(
  entries: readonly Ended[],
  nameOf: (entry: Ended) => string,
): { name: string; entries: Ended[] }[] {
  const groups = new Map<string, Ended[]>();
  for (const entry of entries) {
    const name = nameOf(entry);
    const group = groups.get(name);
    if (group) group.push(entry);
    else groups.set(name, [entry]);
  }
  return [...groups]
    .map(([name, group]) => ({ name, entries: group }))
    .sort((a, b) => b.entries.length - a.entries.length || (a.name < b.name ? -1 : 1));
}

// What an image is called: its template, and the digest, cut as the command line cuts it.
export function imageName(entry: Ended): string {
  const digest = entry.image?.slice(0, 19) ?? "";
  if (entry.template) return digest === "" ? entry.template : `${entry.template} ${digest}`;
  return digest;
}

// What one card of it cost for an hour.
export function cardRate(entry: Ended): bigint {
  if (!/^[0-9]{1,20}$/.test(entry.lamports_per_hour)) return 0n;
  return BigInt(entry.lamports_per_hour) / BigInt(Math.max(1, entry.count));
}

// Of n sorted amounts the one at n/2, rounded up: docs/history.md counts so.
export function medianOf(amounts: readonly bigint[]): bigint | undefined {
  const sorted = [...amounts].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return sorted[Math.max(1, Math.ceil(sorted.length / 2)) - 1];
}
