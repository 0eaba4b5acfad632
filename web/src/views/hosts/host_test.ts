import { describe, expect, it } from "vitest";
import type { Lease, Offer } from "../../lib/api.ts";
import type { Ended } from "../../lib/outcomes/outcomes.ts";
import { adviceOf, byDay, candidates, countsOf, inTurns, isAddress, type Served } from "./host.ts";

const served = (outcome: Lease["outcome"], endedAt: string, host?: string): Served => ({
  lease: { outcome, host_lamports: host, fee_lamports: host && "1" } as Lease,
  endedAt,
});
const offer = (card: string, price = 1) => ({ card, micro_usd_per_hour: price }) as Offer;
const ended = (card: string, outcome: Ended["outcome"] = "ran_to_the_end") =>
  ({ card, outcome }) as Ended;

describe("isAddress", () => {
  it("takes base58 of 32 bytes, and no path or script", () => {
    expect(isAddress("EWxFmYMBi7uxPRK63v8NTrqmVM7M413nwepdeMNVKyqA")).toBe(true);
    for (const text of ["", "short", "0".repeat(40), "../x", `${"E".repeat(31)}<`, "E".repeat(45)])
      expect(isAddress(text)).toBe(false);
  });
});

describe("candidates", () => {
  it("are of the host's cards, bounded", () => {
    const all = [ended("a40"), ended("l4"), ended("a40", "never_paid"), ended("a40")];
    expect(candidates(all, [offer("a40")], 9).length).toBe(2);
    expect(candidates(all, [offer("a40")], 1).length).toBe(1);
    expect(candidates(all, [], 9).length).toBe(3);
  });
});

describe("byDay", () => {
  it("adds up by day of UTC, the newest first", () => {
    expect(
      byDay([
        served("ran_to_the_end", "2026-11-28T23:59:59Z", "90071992547409931"),
        served("ran_to_the_end", "2026-11-29T00:00:00Z", "5"),
        served("not_ready", "2026-11-29T01:00:00Z"),
        served("host_dark", "2026-11-28T00:00:00Z", "nonsense"),
      ]),
    ).toEqual([
      { day: "2026-11-29", leases: 2, host: 5n, fee: 1n },
      { day: "2026-11-28", leases: 2, host: 90071992547409931n, fee: 2n },
    ]);
  });
});

describe("countsOf", () => {
  it("counts what was withdrawn nowhere", () => {
    const counts = countsOf([
      served("ran_to_the_end", ""),
      served("stopped_by_renter", ""),
      served("host_dark", ""),
      served("cancelled", ""),
    ]);
    expect(counts).toEqual({ kept: 2, left: 0, dark: 1, missed: 0, withdrawn: 1, counted: 3 });
  });
});

describe("adviceOf", () => {
  it("says who asks less", () => {
    const others = [offer("a", 5), offer("a", 3), offer("a", 4)];
    expect(adviceOf(4, others)).toEqual({ others: 3, cheaper: 1, least: 3, rank: 2 });
    expect(adviceOf(4, [])).toEqual({ others: 0, cheaper: 0, least: undefined, rank: 1 });
  });
});

describe("inTurns", () => {
  it("asks a few at a time and keeps the order", async () => {
    let now = 0;
    let most = 0;
    const counts: number[] = [];
    const out = await inTurns(
      [1, 2, 3, 4, 5],
      2,
      async (item) => {
        most = Math.max(most, ++now);
        await Promise.resolve();
        --now;
        return item * 2;
      },
      (count) => counts.push(count),
    );
    expect(out).toEqual([2, 4, 6, 8, 10]);
    expect(most).toBe(2);
    expect(counts).toEqual([2, 4, 5]);
  });
});
