// From the payment to the first login, as steps with their times. Pure: what the market said goes
// in, what is shown comes out.
import type { Lease, LeaseEvent } from "../../lib/api.ts";
import type { Payment } from "../../pay/memory.ts";

export const STEPS = ["paid", "confirmed", "preparing", "checked", "ready"] as const;
export type StepName = (typeof STEPS)[number];
// Milliseconds from the signed payment on; undefined: it happened, and nobody saw when.
export type Times = Partial<Record<StepName, number | undefined>>;

const KINDS: Record<string, StepName> = {
  open_seen: "paid",
  open_confirmed: "confirmed",
  host_running: "preparing",
  login_worked: "checked",
  ready_confirmed: "ready",
};

// By the market's own clock, which all events share: they may come late or all at once. Its first
// one belongs to the moment at which the market had taken the payment.
export function timesOf(
  events: readonly Pick<LeaseEvent, "kind" | "at">[],
  payment: Payment | undefined,
): Times {
  const accepted = payment?.acceptedMs ?? 0;
  const out: Times = {};
  let seenAt: number | undefined;
  for (const { kind, at } of events) {
    const name = Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined;
    const time = Date.parse(at);
    if (!name || Number.isNaN(time)) continue;
    // Paid once more, after a fork took the first one back: it begins anew.
    if (name === "paid") for (const old of STEPS) delete out[old];
    if (name === "paid" || seenAt === undefined) seenAt = time;
    out[name] ??= accepted + Math.max(0, time - seenAt);
  }
  return out;
}

// What a state alone shows to anybody: that steps are behind it.
export function reachedBy(state: Lease["state"]): readonly StepName[] {
  const counts: Partial<Record<Lease["state"], number>> = {
    preparing: 1,
    checking: 2,
    starting: 4,
    active: 5,
    contested: 5,
  };
  return STEPS.slice(0, counts[state] ?? 0);
}

export type Phase = "sent" | "unseen" | "unpaid" | "waiting" | "missed" | "ready" | "back" | "over";

const LANDING_MS = 75_000; // by then the quote itself has ended, and the program refuses it

const mayLand = (sentAgoMs: number | undefined) =>
  sentAgoMs !== undefined && sentAgoMs < LANDING_MS;

// Whether a payment that this tab remembers is still on its way to the machine: then nothing new is
// offered for sale. Without an answer of the market (no lease) it is what its age says.
export function isUnderWay(
  lease: Pick<Lease, "state" | "outcome"> | undefined,
  sentAgoMs: number,
): boolean {
  if (lease?.outcome === "never_paid") return false;
  if (lease === undefined || lease.state === "quoted") return mayLand(sentAgoMs);
  return ["preparing", "checking", "starting"].includes(lease.state);
}

// `chainNowS` is the chain's time now, `sentAgoMs` how long ago this page sent the payment. Only
// the market, which follows the chain, can say that nothing was paid: by the outcome never_paid.
export function phaseOf(
  lease: Pick<Lease, "state" | "outcome" | "opened_at" | "ready_deadline_s">,
  chainNowS: number,
  sentAgoMs: number | undefined,
): Phase {
  if (lease.outcome === "never_paid") return "unpaid";
  switch (lease.state) {
    case "quoted":
      return mayLand(sentAgoMs) ? "sent" : "unseen";
    case "preparing":
    case "checking":
    case "starting": {
      const opened = lease.opened_at ? Date.parse(lease.opened_at) / 1_000 : chainNowS;
      return chainNowS > opened + lease.ready_deadline_s ? "missed" : "waiting";
    }
    case "active":
      return "ready";
    case "stopping":
      return lease.outcome === "not_ready" ? "missed" : "over";
    case "ended":
      return lease.outcome === "not_ready" || lease.outcome === "cancelled" ? "back" : "over";
    default:
      return "over";
  }
}
