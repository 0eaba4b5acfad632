// A host's score from its ended leases, as anybody comes to it who reads the chain: the formula and
// the arithmetic of docs/reliability.md. Pure.
import type { Ended } from "../../lib/outcomes/outcomes.ts";

export interface Score {
  kept: number;
  left: number; // ended by the host
  dark: number;
  disputed: number; // its renter said that it was not served, and so it stayed
  missed: number; // not ready in time, and counts nowhere
  withdrawn: number; // cancelled before it was ready, and counts nowhere
  counted: number; // the first four
  due: number; // seconds
  served: number;
  // Ten-thousandths, rounded down; undefined where nothing counts.
  keptBps: number | undefined;
  uptimeBps: number | undefined;
  scoreBps: number | undefined;
}
type Kind = "kept" | "left" | "dark" | "disputed" | "missed" | "withdrawn";

// A renter who disputes what was since the last proof leaves it unserved; one that concedes it, or
// a host that proves it after all, makes the two times equal.
function kindOf({ outcome, served_s: served = 0, due_s: due = 0 }: Ended): Kind | undefined {
  switch (outcome) {
    case "ran_to_the_end":
      return "kept";
    case "stopped_by_renter":
      return served < due ? "disputed" : "kept";
    case "stopped_by_host":
      return "left";
    case "host_dark":
      return "dark";
    case "not_ready":
      return "missed";
    case "cancelled":
      return "withdrawn";
    default:
      return undefined; // nobody paid for it
  }
}

const bps = (part: number, whole: number): number =>
  Math.floor((Math.min(part, whole) * 10_000) / whole);

export function scoreOf(entries: readonly Ended[]): Score {
  const of = { kept: 0, left: 0, dark: 0, disputed: 0, missed: 0, withdrawn: 0 };
  let due = 0;
  let served = 0;
  for (const entry of entries) {
    const kind = kindOf(entry);
    if (kind === undefined) continue;
    of[kind] += 1;
    if (kind === "missed" || kind === "withdrawn") continue;
    due += entry.due_s ?? 0;
    served += entry.served_s ?? 0;
  }
  const counted = of.kept + of.left + of.dark + of.disputed;
  const isNone = counted === 0;
  const keptBps = isNone ? undefined : bps(of.kept, counted);
  // Where every lease ended in its first second nothing was due, and nothing was missing.
  const uptimeBps = isNone ? undefined : due === 0 ? 10_000 : bps(served, due);
  const scoreBps =
    keptBps === undefined || uptimeBps === undefined
      ? undefined
      : Math.floor((keptBps * uptimeBps) / 10_000);
  return { ...of, counted, due, served, keptBps, uptimeBps, scoreBps };
}
