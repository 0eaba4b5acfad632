import { describe, expect, it } from "vitest";
import {
  cardRate,
  earnedOf,
  figuresOf,
  groupBy,
  imageName,
  medianOf,
  nearestRank,
  type Ended,
} from "./outcomes.ts";

function ended(outcome: Ended["outcome"], more: Partial<Ended> = {}): Ended {
  return {
    lease: "L",
    host: "H",
    card: "a40",
    count: 1,
    simulated: false,
    lamports_per_hour: "3600",
    outcome,
    ended_at: "2026-11-29T22:00:00Z",
    ...more,
  };
}

describe("nearestRank", () => {
  it("is number ceil(n * p) of n in order", () => {
    const values = [5, 1, 4, 2, 3];
    expect(nearestRank(values, 50)).toBe(3);
    expect(nearestRank(values, 95)).toBe(5);
    expect(nearestRank([1, 2], 50)).toBe(1);
    expect(nearestRank([7], 95)).toBe(7);
    expect(nearestRank([], 50)).toBeUndefined();
  });
  it("counts hundred values as anybody would", () => {
    const values = Array.from({ length: 100 }, (_, i) => i + 1);
    expect(nearestRank(values, 50)).toBe(50);
    expect(nearestRank(values, 95)).toBe(95);
  });
});

describe("figuresOf", () => {
  it("counts what was withdrawn nowhere", () => {
    const figures = figuresOf([
      ended("ran_to_the_end", { served_s: 10, confirmed_to_login_ms: 300 }),
      ended("host_dark", { served_s: 5, confirmed_to_login_ms: 100, simulated: true }),
      ended("not_ready", { confirmed_to_login_ms: 9_999, ended_at: "2026-11-28T00:00:00Z" }),
      ended("cancelled"),
    ]);
    expect(figures).toEqual({
      ended: 4,
      simulated: 1,
      ready: 2,
      missed: 1,
      readyBps: 6_666,
      logins: 2,
      loginP50: 100,
      loginP95: 300,
      servedSeconds: 15,
      earned: 15n,
      from: "2026-11-28T00:00:00Z",
      to: "2026-11-29T22:00:00Z",
    });
  });
  it("says nothing of nothing", () => {
    const figures = figuresOf([]);
    expect(figures.readyBps).toBeUndefined();
    expect(figures.loginP50).toBeUndefined();
    expect(figures.from).toBeUndefined();
  });
});

describe("what a lease earned", () => {
  it("is rounded down, in lamports of any size", () => {
    expect(earnedOf(ended("ran_to_the_end", { served_s: 1, lamports_per_hour: "3599" }))).toBe(0n);
    expect(
      earnedOf(ended("ran_to_the_end", { served_s: 3_600, lamports_per_hour: "274877906944" })),
    ).toBe(274_877_906_944n);
    expect(earnedOf(ended("not_ready"))).toBe(0n);
    expect(earnedOf(ended("ran_to_the_end", { served_s: 1, lamports_per_hour: "-5" }))).toBe(0n);
  });
});

describe("groups", () => {
  it("stand by how many they are of", () => {
    const all = [
      ended("ran_to_the_end", { template: "jupyter", image: `sha256:${"a".repeat(64)}` }),
      ended("ran_to_the_end", { image: `sha256:${"b".repeat(64)}` }),
      ended("not_ready", { image: `sha256:${"b".repeat(64)}` }),
      ended("not_ready"),
    ];
    expect(groupBy(all, imageName).map(({ name, entries }) => [name, entries.length])).toEqual([
      ["sha256:bbbbbbbbbbbb", 2],
      ["", 1],
      ["jupyter sha256:aaaaaaaaaaaa", 1],
    ]);
  });
  it("have a rate of one card, and its median", () => {
    expect(cardRate(ended("not_ready", { count: 4 }))).toBe(900n);
    expect(medianOf([3n, 1n, 2n, 9n])).toBe(2n);
    expect(medianOf([])).toBeUndefined();
  });
});
