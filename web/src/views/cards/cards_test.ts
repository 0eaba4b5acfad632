import { describe, expect, it } from "vitest";
import type { Card } from "../../lib/api.ts";
import { busyUntilOf, groupsOf, isOfSimulated, overall } from "./cards.ts";

function card(id: string, available: number, price?: number, simulated = 0): Card {
  return {
    id,
    name: id,
    memory_bytes: 1,
    bandwidth_bytes_per_s: 1,
    fp16_tflops: 1,
    source: "",
    available,
    available_simulated: simulated,
    ...(price === undefined ? {} : { from_micro_usd_per_hour: price }),
  };
}
const all = [
  card("a40", 0),
  card("h100", 2, 9),
  card("l4", 1, 3, 1),
  card("mig-h100", 0),
  card("mig-a100", 1, 5),
  { ...card("cpu", 7, 1), memory_bytes: 0 },
];

describe("groupsOf", () => {
  it("shows what is free first, the cheapest above", () => {
    const groups = groupsOf(all);
    expect(groups.free.map((one) => one.id)).toEqual(["l4", "mig-a100", "h100", "cpu"]);
    expect(groups.taken.map((one) => one.id)).toEqual(["a40"]);
    expect(groups.parts.map((one) => one.id)).toEqual(["mig-h100"]);
  });
});

describe("busyUntilOf", () => {
  it("is said of what is taken, where the market says it", () => {
    expect(busyUntilOf({ ...card("a40", 0), busy_until_s: 1_795_000_000 })).toBe(1_795_000_000);
    expect(busyUntilOf(card("a40", 0))).toBeUndefined();
    expect(busyUntilOf({ ...card("a40", 0), busy_until_s: 0 })).toBeUndefined();
  });
  it("is nothing where one is free, whatever was said before", () => {
    expect(busyUntilOf({ ...card("a40", 1), busy_until_s: 1_795_000_000 })).toBeUndefined();
  });
});

describe("isOfSimulated", () => {
  it("follows the offers, and where there are none the network", () => {
    expect(isOfSimulated({ ...card("a40", 1), from_simulated: false }, true)).toBe(false);
    expect(isOfSimulated(card("a40", 1, 3, 1), false)).toBe(true);
    expect(isOfSimulated(card("a40", 0), true)).toBe(true);
    expect(isOfSimulated(card("a40", 0), false)).toBe(false);
    expect(isOfSimulated({ ...card("cpu", 0), memory_bytes: 0 }, true)).toBe(false);
  });
});

describe("overall", () => {
  it("adds up what is a card, and says what does not exist", () => {
    expect(overall(all)).toEqual({ free: 4, simulated: 1, fromMicroUsd: 3 });
    expect(overall([])).toEqual({ free: 0, simulated: 0, fromMicroUsd: undefined });
  });
});
