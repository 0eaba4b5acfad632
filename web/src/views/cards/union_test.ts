import { describe, expect, it } from "vitest";
import { hasRoom, searchOfOne, unionOf } from "./union.ts";

describe("several searches as one", () => {
  it("hold where any holds", () => {
    expect(unionOf(["card=a40"])).toBe("card=a40");
    expect(unionOf(["card=a40 price<1", "l4 or t4"])).toBe("(card=a40 price<1) or (l4 or t4)");
  });
  it("find everything where one of them does", () => {
    expect(unionOf(["card=a40", ""])).toBe("");
  });
  it("are bounded as the market bounds a search", () => {
    const eight = Array.from({ length: 8 }, (_, i) => `card=mig-a100-80gb-${i}g.10gb`);
    expect(hasRoom(eight.slice(1), eight[0] ?? "")).toBe(true);
    expect(hasRoom(eight, "x".repeat(900))).toBe(false);
    expect(hasRoom([], Array.from({ length: 31 }, () => "a40").join(" "))).toBe(false);
  });
});

describe("one offer of a search", () => {
  it("is found by its id within it", () => {
    expect(searchOfOne("a40 or l4", "ab12")).toBe("id=ab12 (a40 or l4)");
    expect(searchOfOne("", "ab12")).toBe("id=ab12");
  });
});
