// What a lease has used, holds and would give back, from chain facts: times of the chain, rate and
// seconds, rounded as the program rounds. Pure.
import { BOND_LAMPORTS, earned, price } from "../../../../program/client/protocol.ts";
import type { Lease } from "../../lib/api.ts";
import { secondsOf } from "../../lib/moment.ts";
import type { StopWay } from "../../pay/check_stop.ts";

export interface Meter {
  usedS: number;
  leftS: number;
  part: number; // of the bought time gone, 0 to 1
  bought: bigint; // paid for the time, without the bond
  used: bigint; // what the seconds till now earn the host, fee inside
  back: bigint; // what a stop now gives back, the bond apart
}
export interface StopPlan extends Omit<Meter, "leftS" | "part"> {
  way: StopWay;
  gapS: number; // since the newest proof
  disputed: bigint; // waits in the lease for one claim window; else 0
}

export const BOND = BOND_LAMPORTS;

const clamp = (value: number, least: number, most: number) =>
  Math.min(Math.max(value, least), Math.max(least, most));

interface Times {
  started: number;
  end: number;
  now: number; // within the two, or where it was stopped
}

function timesOf(lease: Lease, nowS: number): Times {
  const started = secondsOf(lease.started_at);
  const end = lease.ends_at_s ?? started + lease.seconds;
  const stopped = secondsOf(lease.stopped_at);
  return { started, end, now: clamp(stopped || Math.floor(nowS), started, end) };
}

export function meterOf(lease: Lease, nowS: number): Meter {
  const bought = price(BigInt(lease.lamports_per_hour), lease.seconds);
  const { started, end, now } = timesOf(lease, nowS);
  if (started === 0)
    return { usedS: 0, leftS: lease.seconds, part: 0, bought, used: 0n, back: bought };
  const used = earned(BigInt(lease.lamports_per_hour), now - started);
  return {
    usedS: now - started,
    leftS: end - now,
    part: end > started ? (now - started) / (end - started) : 1,
    bought,
    used,
    back: bought > used ? bought - used : 0n,
  };
}

// Who stops, and what comes of it, by the protocol's rule: with how = 0 where the newest proof is
// younger than the gap limit, else the unproven time is disputed.
export function planStop(lease: Lease, nowS: number): StopPlan {
  const { usedS, bought, used, back } = meterOf(lease, nowS);
  const { started, end, now } = timesOf(lease, nowS);
  const base = { usedS, bought, used, back, gapS: 0, disputed: 0n };
  if (started === 0) return { ...base, way: "cancel" };
  const proven = clamp(lease.attestation?.alive_until ?? 0, started, end);
  const gapS = Math.max(0, now - proven);
  return gapS < lease.gap_limit_s
    ? { ...base, gapS, way: "served" }
    : { ...disputePlan(lease, nowS), gapS };
}

// The same for a renter who disputes the time since the newest proof.
export function disputePlan(lease: Lease, nowS: number): StopPlan {
  const { usedS, bought, used, back } = meterOf(lease, nowS);
  const { started, end, now } = timesOf(lease, nowS);
  const proven = clamp(lease.attestation?.alive_until ?? 0, started, end);
  const gapS = Math.max(0, now - proven);
  const provenUsed = earned(BigInt(lease.lamports_per_hour), usedS - gapS);
  const plan = { usedS: usedS - gapS, bought, used: provenUsed, back, gapS };
  return { ...plan, way: "dispute", disputed: used - provenUsed };
}

// What so many more seconds cost: price(total) - price(bought), as the program takes it.
export function extensionPrice(lease: Lease, moreSeconds: number): bigint {
  const rate = BigInt(lease.lamports_per_hour);
  return price(rate, lease.seconds + moreSeconds) - price(rate, lease.seconds);
}

export interface Settled {
  usedS: number;
  paid: bigint; // to host and market
  returned: bigint; // without the bond
  bond: bigint;
}

// What an ended lease came to, by what the chain moved. Undefined: not all of it is read yet.
export function settledOf(lease: Lease): Settled | undefined {
  if (lease.refunded_lamports === undefined) return undefined;
  const refunded = BigInt(lease.refunded_lamports);
  const bond = refunded < BOND ? refunded : BOND;
  const { started, now } = timesOf(lease, secondsOf(lease.stopped_at));
  return {
    usedS: started === 0 ? 0 : now - started,
    paid: BigInt(lease.host_lamports ?? "0") + BigInt(lease.fee_lamports ?? "0"),
    returned: refunded - bond,
    bond,
  };
}

export interface Dispute {
  amount: bigint; // to host and market once it is proven or conceded, else back to the renter
  endsAtS: number; // of the window in which it waits, in chain seconds
  leftS: number;
}

// What a contested lease still holds back: earned till the stop, less what is proven. Undefined:
// the market does not tell all of it.
export function disputeOf(lease: Lease, nowS: number): Dispute | undefined {
  const started = secondsOf(lease.started_at);
  const stopped = secondsOf(lease.stopped_at);
  const endsAtS = secondsOf(lease.window_ends_at);
  const until = lease.proven_until_s;
  if (started === 0 || stopped === 0 || endsAtS === 0 || until === undefined) return undefined;
  const rate = BigInt(lease.lamports_per_hour);
  const proven = clamp(until, started, stopped);
  return {
    amount: earned(rate, Math.max(started, stopped) - started) - earned(rate, proven - started),
    endsAtS,
    leftS: Math.max(0, endsAtS - Math.floor(nowS)),
  };
}

// What a SOL was when the rate was made of dollars, in millionths of one. Undefined: nobody says.
export function solPriceOf({ micro_usd_per_sol: price }: Lease): bigint | undefined {
  return price !== undefined && Number.isSafeInteger(price) && price > 0
    ? BigInt(price)
    : undefined;
}

// The warnings of the last minutes that are due: 10 and 2 minutes before the end.
export const WARNINGS_S = [600, 120] as const;
export function warningOf(leftS: number): number | undefined {
  return [...WARNINGS_S].reverse().find((at) => leftS <= at && leftS > 0);
}

export const isRunning = (lease: Lease): boolean =>
  lease.state === "active" || lease.state === "starting";
export const isOver = (lease: Lease): boolean => lease.state === "ended";
