import { describe, expect, it } from "vitest";
import type { Offer } from "../../lib/api.ts";
import type { Ended } from "../../lib/outcomes/outcomes.ts";
import * as host from "./host.ts";

const ended = (outcome: Ended["outcome"], more: Partial<Ended> = {}) =>
  ({ lease: "L", outcome, ended_at: "2026-11-29T00:00:00Z", ...more }) as Ended;
const paid = (ended_at: string, host_lamports: string, lease = "L") =>
  ended("ran_to_the_end", { lease, ended_at, host_lamports, fee_lamports: "1" });
const offer = (price: number) => ({ micro_usd_per_hour: price }) as Offer;

describe("isAddress", () => {
  it("takes base58 of 32 bytes, and no path or script", () => {
    expect(host.isAddress("EWxFmYMBi7uxPRK63v8NTrqmVM7M413nwepdeMNVKyqA")).toBe(true);
    for (const text of ["", "short", "0".repeat(40), "../x", `${"E".repeat(31)}<`, "E".repeat(45)])
      expect(host.isAddress(text)).toBe(false);
  });
});

describe("byDay", () => {
  it("adds up by day of UTC, the newest first", () => {
    expect(
      host.byDay([
        paid("2026-11-28T23:59:59Z", "90071992547409931"),
        paid("2026-11-29T00:00:00Z", "5"),
        paid("2026-11-29T01:00:00Z", "0"),
      ]),
    ).toEqual([
      { day: "2026-11-29", leases: 2, host: 5n, fee: 2n, unread: 0 },
      { day: "2026-11-28", leases: 1, host: 90071992547409931n, fee: 1n, unread: 0 },
    ]);
  });
  it("says of how many leases it does not know what was paid", () => {
    const days = host.byDay([
      paid("2026-11-28T00:00:00Z", "7"),
      ended("host_dark", { ended_at: "2026-11-28T00:00:00Z" }),
      paid("2026-11-28T00:00:00Z", "nonsense"),
    ]);
    expect(days).toEqual([{ day: "2026-11-28", leases: 3, host: 7n, fee: 2n, unread: 2 }]);
    expect(host.paidOf([])).toEqual({ leases: 0, host: 0n, fee: 0n, unread: 0 });
  });
});

describe("merged", () => {
  it("has each lease once, as it was read last", () => {
    const known = [paid("2", "1", "B"), paid("1", "1", "A")];
    const all = host.merged([paid("3", "1", "C"), paid("2", "9", "B")], known);
    expect(all.map(({ lease, host_lamports }) => [lease, host_lamports])).toEqual([
      ["C", "1"],
      ["B", "9"],
      ["A", "1"],
    ]);
  });
});

describe("what a host has noted", () => {
  const noted = { from: 7, atMs: 1_000, isShown: false };
  it("stands until the market shows something else", () => {
    expect(host.isOutdated({ ...noted, isShown: true }, 7, 99_000)).toBe(false);
    expect(host.isOutdated({ ...noted, isShown: true }, 8, 1_001)).toBe(true);
    expect(host.isOutdated({ ...noted, isShown: true }, undefined, 1_001)).toBe(true);
    expect(host.isOutdated({ ...noted, from: undefined, isShown: true }, 8, 1_001)).toBe(true);
  });
  it("is not taken back by what the market showed before", () => {
    expect(host.isOutdated(noted, undefined, 3_000)).toBe(false);
    expect(host.isOutdated(noted, undefined, 11_001)).toBe(true);
  });
});

describe("fromOf", () => {
  it("is Unix seconds, and nothing where no time was given", () => {
    const now = 1_795_000_000_999;
    expect(host.fromOf("now", "", now)).toBe(1_795_000_000);
    expect(host.fromOf("12h", "", now)).toBe(1_795_043_200);
    expect(host.fromOf("3d", "", now)).toBe(1_795_259_200);
    expect(host.fromOf("at", "2026-12-01T02:00", now)).toBe(
      new Date(2026, 11, 1, 2).getTime() / 1_000,
    );
    for (const text of ["", "soon", "1960-01-01T00:00"])
      expect(host.fromOf("at", text, now)).toBeUndefined();
  });
});

describe("adviceOf", () => {
  it("says who asks less", () => {
    const others = [offer(5), offer(3), offer(4)];
    expect(host.adviceOf(4, others)).toEqual({ others: 3, cheaper: 1, least: 3, rank: 2 });
    expect(host.adviceOf(4, [])).toEqual({ others: 0, cheaper: 0, least: undefined, rank: 1 });
  });
});
