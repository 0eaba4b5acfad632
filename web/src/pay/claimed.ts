// What a claim came to, by what the chain shows of its lease before and after: the market's answer
// to the transaction is no proof, and what waits for a claim grows by itself. Pure.
import { earned, fee } from "../../../program/client/protocol.ts";
import type { Lease } from "../lib/api.ts";
import { secondsOf } from "../lib/moment.ts";

export interface MadeClaim {
  before: Lease; // as it was read before the claim was made
  aliveUntil: bigint; // the chain second up to which its proof goes
}
export type Result = "paid" | "ended";

const endOf = (lease: Lease): number =>
  secondsOf(lease.stopped_at) || (lease.ends_at_s ?? Number.MAX_SAFE_INTEGER);

// Undefined: it has not landed yet. A lease that is over tells no more whose transaction paid what.
export function resultOf({ before, aliveUntil }: MadeClaim, seen: Lease): Result | undefined {
  if (seen.state === "ended") return "ended";
  // No second after the end is proven; an extend moves it on, and a dispute back.
  const proves = Math.min(Number(aliveUntil), endOf(before), endOf(seen));
  return (seen.proven_until_s ?? 0) >= proves ? "paid" : undefined;
}

// What the host got between the two, after the fee, by the program's arithmetic: the fee runs on
// the total, so that claims in any number come to the same. Undefined: not enough is known.
export function paidBetween(before: Lease, after: Lease): bigint | undefined {
  const started = secondsOf(before.started_at);
  if (started === 0 || after.proven_until_s === undefined) return undefined;
  const rate = BigInt(before.lamports_per_hour);
  const hostHas = (until: number | undefined) => {
    const total = earned(rate, Math.max(0, (until ?? started) - started));
    return total - fee(total, before.fee_bps);
  };
  const paid = hostHas(after.proven_until_s) - hostHas(before.proven_until_s);
  return paid > 0n ? paid : 0n;
}
