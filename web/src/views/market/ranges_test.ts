import { describe, expect, it } from "vitest";
import { addressOf, chosenOf, linesOf, spanOf, usedBps, type Point } from "./ranges.ts";

const from = (text: string) => chosenOf(new URLSearchParams(text));
function point(at: string, more: Partial<Point> = {}): Point {
  return { at, samples: 1, free: 1, used: 1, listed: 2, least_free: 1, logins: 0, ...more };
}

describe("what is chosen", () => {
  it("lies in the address", () => {
    const chosen = { card: "a40", range: "year" as const, simulated: true };
    expect(from(addressOf(chosen).split("?")[1] ?? "")).toEqual(chosen);
    expect(addressOf(from(""))).toBe("/market");
  });
  it("is nothing that nobody could mean", () => {
    expect(from("card=%3Cb%3E&range=toString&simulated=maybe")).toEqual(from(""));
  });
});

describe("spanOf", () => {
  it("is the same for all who look within a step", () => {
    expect(spanOf("week", 3_601)).toEqual(spanOf("week", 7_200));
    expect(spanOf("day", 86_401)).toEqual({ from: 300, to: 86_700 });
  });
});

describe("linesOf", () => {
  it("breaks each line where no sample was taken, and where a figure is not known", () => {
    const { times, lines } = linesOf(
      [
        point("1970-01-01T00:00:00Z", { from_micro_usd_per_hour: 5 }),
        point("1970-01-01T00:05:00Z"),
        point("1970-01-01T00:20:00Z", { from_micro_usd_per_hour: 7 }),
      ],
      300,
      [(one) => one.from_micro_usd_per_hour, (one) => one.free],
    );
    expect(times).toEqual([0, 300, 600, 1_200]);
    expect(lines).toEqual([
      [5, null, null, 7],
      [1, 1, null, 1],
    ]);
  });
});

describe("usedBps", () => {
  it("weighs a point by its samples", () => {
    expect(
      usedBps([
        point("", { samples: 3, used: 2, listed: 2 }),
        point("", { samples: 1, used: 0, listed: 2 }),
      ]),
    ).toBe(7_500);
    expect(usedBps([])).toBeUndefined();
    expect(usedBps([point("", { listed: 0, used: 0 })])).toBeUndefined();
  });
});
