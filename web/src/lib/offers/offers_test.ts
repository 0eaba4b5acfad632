import { describe, expect, it } from "vitest";
import type { Offer } from "../api.ts";
import { Followed, readEvent } from "./live.svelte.ts";
import { diskText, percentText, priceOf, shareBps } from "./figures.ts";
import { compare, sortText } from "./order.ts";

function offer(id: string, more: Partial<Offer> = {}): Offer {
  return {
    id,
    host: "H",
    card: "a40",
    card_name: "A40",
    count: 1,
    memory_bytes: 0,
    micro_usd_per_hour: 1,
    disk_bytes_max: 0,
    ram_bytes: 0,
    cpu_milli: 0,
    max_seconds: 60,
    simulated: false,
    ...more,
  };
}
const ids = (followed: Followed) => followed.offers().map((one) => one.id);

describe("the order of offers", () => {
  it("is the cheapest first, and of those the one with most cards", () => {
    const all = [
      offer("c", { micro_usd_per_hour: 2 }),
      offer("b"),
      offer("a", { count: 4 }),
      offer("d"),
    ];
    expect(all.sort(compare(sortText("price"))).map((one) => one.id)).toEqual(["a", "b", "d", "c"]);
  });
  it("puts the unknown last, either way", () => {
    const all = [offer("x"), offer("y", { reliability_bps: 9_000, login_p50_ms: 5 })];
    expect([...all].sort(compare(sortText("-reliability")))[0]?.id).toBe("y");
    expect([...all].sort(compare(sortText("login_p50")))[0]?.id).toBe("y");
  });
});

describe("what a stream says", () => {
  it("replaces all by a snapshot, at once", () => {
    const followed = new Followed([offer("old")]);
    expect(followed.take({ kind: "snapshot", count: 2 })).toBe(false);
    expect(followed.take({ kind: "offer", offer: offer("a") })).toBe(false);
    expect(ids(followed)).toEqual(["old"]);
    expect(followed.take({ kind: "offer", offer: offer("b") })).toBe(true);
    expect(ids(followed)).toEqual(["a", "b"]);
  });
  it("knows an empty snapshot", () => {
    const followed = new Followed([offer("old")]);
    expect(followed.take({ kind: "snapshot", count: 0 })).toBe(true);
    expect(ids(followed)).toEqual([]);
  });
  it("changes and forgets single offers", () => {
    const followed = new Followed([offer("a")]);
    followed.take({ kind: "offer", offer: offer("a", { count: 3 }) });
    expect(followed.offers()[0]?.count).toBe(3);
    expect(followed.take({ kind: "gone", id: "zzz" })).toBe(false);
    expect(followed.take({ kind: "gone", id: "a" })).toBe(true);
    expect(ids(followed)).toEqual([]);
  });
  it("does not wait for ever for what is gone within a snapshot", () => {
    const followed = new Followed();
    followed.take({ kind: "snapshot", count: 2 });
    followed.take({ kind: "offer", offer: offer("a") });
    expect(followed.take({ kind: "gone", id: "b" })).toBe(true);
    expect(ids(followed)).toEqual(["a"]);
  });
  it("takes nonsense for nothing", () => {
    const followed = new Followed([offer("a")]);
    for (const data of ["", "{", "null", "3", '{"kind":"gone"}', '{"kind":"offer"}'])
      expect(followed.take(readEvent(data))).toBe(false);
    expect(ids(followed)).toEqual(["a"]);
  });
});

describe("figures", () => {
  it("multiply a price by the cards", () => {
    const dear = offer("a", { micro_usd_per_hour: 1_380_000, lamports_per_hour: "9857143" });
    expect(priceOf(dear, 4)).toEqual({ microUsd: 5_520_000n, lamports: 39_428_572n });
    expect(priceOf(offer("a"), 2).lamports).toBeUndefined();
    expect(priceOf(offer("a", { lamports_per_hour: "x" }), 2).lamports).toBeUndefined();
  });
  it("never round a share up", () => {
    expect([10_000, 9_999, 9_950, 9_905, 0].map((bps) => percentText(bps, "en"))).toEqual([
      "100 %",
      "99.99 %",
      "99.5 %",
      "99.05 %",
      "0 %",
    ]);
    expect([250, 9_905, 300].map((bps) => percentText(bps, "de"))).toEqual([
      "2,5 %",
      "99,05 %",
      "3 %",
    ]);
    expect(shareBps(199_999, 200_000)).toBe(9_999);
    expect(shareBps(0, 0)).toBeUndefined();
  });
  it("count disks in powers of ten", () => {
    expect(diskText(54_779_311_104)).toBe("54 GB");
    expect(diskText(2.5e12)).toBe("2.5 TB");
  });
});
