import { describe, expect, it } from "vitest";
import type { Lease } from "../../lib/api.ts";
import {
  disputeOf,
  disputePlan,
  extensionPrice,
  meterOf,
  planStop,
  settledOf,
  solPriceOf,
  warningOf,
} from "./meter.ts";

const started = Date.parse("2026-11-29T21:59:28Z") / 1000;
const lease: Lease = {
  lease: "Cxz8d3mVqpGcS8mME1UYGqTgL8Hf6PNiyJpvogd1s7s2",
  quote: "95",
  state: "active",
  outcome: "none",
  message: "",
  renter: "awnxF3wHAAawSCaJU8hq3v89jcpVsCeUTT3wNKKY7ux",
  host: "4AmQFVMWcMWRKMwhzYaWdARUUA4ctbiKQ65LyuVnd33s",
  card: "cpu",
  card_name: "CPU only",
  count: 1,
  simulated: false,
  is_final: false,
  seconds: 3600,
  max_seconds: 7200,
  lamports_per_hour: "714286",
  fee_bps: 250,
  disk_bytes: 2e9,
  gap_limit_s: 180,
  ready_deadline_s: 60,
  started_at: "2026-11-29T21:59:28Z",
  ends_at_s: started + 3600,
  signatures: {},
  version: 8,
};
const attested = (aliveUntil: number): Lease => ({
  ...lease,
  attestation: { opened_slot: 1, alive_until: aliveUntil, signature: "" },
});

describe("the meter", () => {
  it("counts as the program: paid rounded up, earned rounded down", () => {
    const after = meterOf(lease, started + 61.9);
    expect(after).toMatchObject({ usedS: 61, leftS: 3539, used: 12103n, back: 702183n });
    expect(after.used + after.back).toBe(after.bought);
    expect(meterOf({ ...lease, seconds: 61 }, 0).bought).toBe(12104n);
  });
  it("stands still before the start, after the end and after a stop", () => {
    const { started_at: _, ends_at_s: __, ...waiting } = lease;
    expect(meterOf(waiting, started + 50)).toMatchObject({ usedS: 0, used: 0n, back: 714286n });
    expect(meterOf(lease, started - 5)).toMatchObject({ usedS: 0, leftS: 3600 });
    expect(meterOf(lease, started + 9999)).toMatchObject({ usedS: 3600, leftS: 0, back: 0n });
    const stopped = { ...lease, stopped_at: "2026-11-29T22:00:28Z" };
    expect(meterOf(stopped, started + 9999).usedS).toBe(60);
  });
});

describe("a stop", () => {
  it("says served while the newest proof is young", () => {
    const plan = planStop(attested(started + 60), started + 120);
    expect(plan).toMatchObject({ way: "served", usedS: 120, gapS: 60, used: 23809n, disputed: 0n });
  });
  it("disputes what has no proof for the gap limit, and money adds up", () => {
    const plan = planStop(attested(started + 60), started + 240);
    expect(plan).toMatchObject({ way: "dispute", usedS: 60, gapS: 180 });
    expect(plan.used + plan.disputed + plan.back).toBe(plan.bought);
    const early = disputePlan(attested(started + 60), started + 70);
    expect(early).toMatchObject({ way: "dispute", usedS: 60, gapS: 10 });
  });
  it("cancels what has not started", () => {
    const { started_at: _, ends_at_s: __, ...waiting } = lease;
    expect(planStop(waiting, started)).toMatchObject({ way: "cancel", back: 714286n, used: 0n });
  });
});

it("an extension costs the difference of two prices", () => {
  expect(extensionPrice(lease, 600)).toBe(119048n);
});

it("an ended lease is counted by what the chain moved", () => {
  expect(settledOf(lease)).toBeUndefined();
  const ended = { ...lease, state: "ended" as const, stopped_at: "2026-11-29T22:00:28Z" };
  const amounts = { host_lamports: "11608", fee_lamports: "296", refunded_lamports: "3653422" };
  expect(settledOf({ ...ended, ...amounts })).toEqual({
    usedS: 60,
    paid: 11904n,
    returned: 702382n,
    bond: 2951040n,
  });
});

describe("a dispute", () => {
  const contested: Lease = {
    ...lease,
    state: "contested",
    stopped_at: "2026-11-29T22:03:28Z", // 240 s
    proven_until_s: started + 60,
    window_ends_at: "2026-11-30T04:03:28Z",
  };
  it("is about what was earned since the newest proof that the chain was shown", () => {
    expect(disputeOf(contested, started + 300.5)).toEqual({
      amount: 47619n - 11904n,
      endsAtS: started + 240 + 21_600,
      leftS: 21_540,
    });
    // What waits is what the plan of the stop had said.
    const plan = disputePlan(attested(started + 60), started + 240);
    expect(disputeOf(contested, 0)?.amount).toBe(plan.disputed);
  });
  it("is about nothing where all is proven, and never about less", () => {
    const until = (seconds: number) =>
      disputeOf({ ...contested, proven_until_s: started + seconds }, started)?.amount;
    expect([until(240), until(9_999), until(-9_999)]).toEqual([0n, 0n, 47619n]);
    expect(disputeOf(contested, started + 99_999)?.leftS).toBe(0);
  });
  it("has no amount where the market does not tell all of it", () => {
    const { proven_until_s: _, ...unproven } = contested;
    const { window_ends_at: __, ...open } = contested;
    for (const one of [unproven, open, lease]) expect(disputeOf(one, started)).toBeUndefined();
  });
});

it("knows what a SOL was, or says nothing", () => {
  expect(solPriceOf({ ...lease, micro_usd_per_sol: 187_200_000 })).toBe(187_200_000n);
  for (const price of [0, -1, 0.5, NaN])
    expect(solPriceOf({ ...lease, micro_usd_per_sol: price })).toBeUndefined();
  expect(solPriceOf(lease)).toBeUndefined();
});

it("warns at ten and two minutes", () => {
  expect([601, 600, 121, 120, 1, 0].map(warningOf)).toEqual([
    undefined,
    600,
    600,
    120,
    120,
    undefined,
  ]);
});
