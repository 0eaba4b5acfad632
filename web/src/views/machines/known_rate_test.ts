import { afterEach, expect, it, vi } from "vitest";
import { isSameRate } from "./known_rate.ts";

afterEach(() => {
  vi.unstubAllGlobals();
});

it("knows a lease's rate again, and no other for it", () => {
  const kept = new Map<string, string>();
  vi.stubGlobal("localStorage", {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => kept.set(name, value),
  });
  expect(isSameRate("A", "714286")).toBe(true);
  expect(isSameRate("A", "714286")).toBe(true);
  expect(isSameRate("A", "700000")).toBe(false);
  expect(isSameRate("B", "700000")).toBe(true);
  for (let i = 0; i < 200; ++i) isSameRate(`lease ${i}`, "1");
  expect(kept.get("obelisk-rates")?.length).toBeLessThan(4000);
  for (const broken of ["{", "null", '{"A":1}']) {
    kept.set("obelisk-rates", broken);
    expect(isSameRate("A", "1"), broken).toBe(true);
  }
});

it("takes the market's word where nothing can be kept", () => {
  vi.stubGlobal("localStorage", undefined);
  expect(isSameRate("A", "1")).toBe(true);
  expect(isSameRate("A", "2")).toBe(true);
});
