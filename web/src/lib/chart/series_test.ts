import { describe, expect, it } from "vitest";
import { aloneOf, axisWidth, dashOf, summaryOf, timeText, withGaps } from "./series.ts";

describe("summaryOf", () => {
  it("looks past what is unknown", () => {
    expect(summaryOf([null, 3, null, 1, 2, null])).toEqual({
      first: 3,
      last: 2,
      least: 1,
      most: 3,
    });
  });
  it("says nothing of nothing", () => {
    expect(summaryOf([])).toBeUndefined();
    expect(summaryOf([null, null])).toBeUndefined();
  });
});

describe("withGaps", () => {
  it("breaks the line where a sample is missing", () => {
    expect(withGaps([0, 300, 900], [1, 2, 3], 300)).toEqual({
      times: [0, 300, 600, 900],
      values: [1, 2, null, 3],
    });
  });
  it("keeps a whole line, also of moments that are off by a little", () => {
    expect(withGaps([0, 301, 599], [1, 2, 3], 300).values).toEqual([1, 2, 3]);
  });
  it("keeps the times rising", () => {
    const { times } = withGaps([0, 460, 5_000], [1, 2, 3], 300);
    expect([...times].sort((a, b) => a - b)).toEqual(times);
    expect(new Set(times).size).toBe(times.length);
  });
  it("has nothing of nothing", () => {
    expect(withGaps([], [], 300)).toEqual({ times: [], values: [] });
  });
});

describe("aloneOf", () => {
  it("finds what no line would show", () => {
    expect(aloneOf([1, null, 2, 3, null, null, 0])).toEqual([0, 6]);
    expect(aloneOf([5])).toEqual([0]);
    expect(aloneOf([null])).toEqual([]);
  });
});

describe("axes", () => {
  it("gives every label room", () => {
    expect(axisWidth(null)).toBe(32);
    expect(axisWidth(["$1", "$1,000,000"])).toBe(100);
  });
  it("tells four lines apart", () => {
    expect(new Set([0, 1, 2, 3].map((i) => dashOf(i).join())).size).toBe(4);
  });
  it("shows days where many are shown", () => {
    expect(timeText(1_795_953_600, 30 * 86_400, "en")).toMatch(/Nov/);
    expect(timeText(1_795_953_600, 3_600, "en")).toMatch(/:/);
  });
});
