import { describe, expect, it } from "vitest";
import type { Lease } from "../lib/api.ts";
import { paidBetween, resultOf } from "./claimed.ts";

const at = (time: string) => Date.parse(`2026-11-18T${time}Z`) / 1_000;
const proven = (time: string, more: Partial<Lease> = {}) =>
  ({
    state: "active",
    started_at: "2026-11-18T11:00:00Z",
    ends_at_s: at("12:00:00"),
    proven_until_s: at(time),
    lamports_per_hour: "714286",
    fee_bps: 250,
    ...more,
  }) as Lease;
const before = proven("11:10:00");
const made = (until: string) => ({ before, aliveUntil: BigInt(at(until)) });
const stopped = { state: "contested", stopped_at: "2026-11-18T11:15:00Z" } as const;

describe("whether a claim has landed", () => {
  it("is told by what the chain was shown", () => {
    expect(resultOf(made("11:20:00"), before)).toBeUndefined();
    expect(resultOf(made("11:20:00"), proven("11:19:59"))).toBeUndefined();
    expect(resultOf(made("11:20:00"), proven("11:20:00"))).toBe("paid");
    expect(resultOf(made("11:20:00"), proven("11:30:00"))).toBe("paid");
    const { proven_until_s: _, ...unknown } = before;
    expect(resultOf(made("11:20:00"), unknown as Lease)).toBeUndefined();
  });
  it("ends with the lease: no second behind it is proven", () => {
    expect(resultOf(made("12:00:30"), proven("11:59:59"))).toBeUndefined();
    expect(resultOf(made("12:00:30"), proven("12:00:00"))).toBe("paid");
    // Extended since.
    const longer = { ends_at_s: at("13:00:00") };
    expect(resultOf(made("12:00:30"), proven("12:00:00", longer))).toBe("paid");
  });
  it("in a dispute ends where it was stopped", () => {
    expect(resultOf(made("11:20:00"), proven("11:10:00", stopped))).toBeUndefined();
    expect(resultOf(made("11:20:00"), proven("11:15:00", stopped))).toBe("paid");
  });
  it("is nothing that a lease which is over would tell", () => {
    expect(resultOf(made("11:20:00"), proven("11:10:00", { state: "ended" }))).toBe("ended");
    expect(resultOf(made("11:20:00"), proven("11:30:00", { state: "ended" }))).toBe("ended");
  });
});

describe("what a claim paid", () => {
  // earned(s) = floor(714286 s / 3600), the fee on the total.
  const has = (seconds: bigint) => {
    const total = (714_286n * seconds) / 3_600n;
    return total - (total * 250n) / 10_000n;
  };
  it("is what was shown to the chain since, less the fee", () => {
    expect(paidBetween(before, proven("11:20:00"))).toBe(has(1_200n) - has(600n));
    expect(paidBetween(before, before)).toBe(0n);
    const { proven_until_s: _, ...first } = before;
    expect(paidBetween(first as Lease, proven("11:20:00"))).toBe(has(1_200n));
  });
  it("is not guessed", () => {
    const { proven_until_s: _, ...unknown } = before;
    expect(paidBetween(before, unknown as Lease)).toBeUndefined();
    const { started_at: __, ...waiting } = before;
    expect(paidBetween(waiting as Lease, proven("11:20:00"))).toBeUndefined();
  });
});
