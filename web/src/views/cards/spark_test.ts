import { describe, expect, it } from "vitest";
import { sparkOf } from "./spark.ts";

const HOUR = 3_600;

describe("sparkOf", () => {
  it("draws nothing of nothing", () => {
    expect(sparkOf([], 0, 100, 1, 100, 20)).toBeUndefined();
    expect(sparkOf([{ at: 5, value: 1 }], 10, 20, 1, 100, 20)).toBeUndefined();
    expect(sparkOf([{ at: 5, value: 1 }], 5, 5, 1, 100, 20)).toBeUndefined();
  });
  it("goes from the dear above to the cheap below", () => {
    const spark = sparkOf(
      [
        { at: 0, value: 2 },
        { at: HOUR, value: 1 },
      ],
      0,
      HOUR,
      HOUR,
      104,
      24,
    );
    expect(spark).toEqual({ path: "M2 2L102 22", last: { x: 102, y: 22 } });
  });
  it("breaks where nobody looked, and shows one price alone", () => {
    const spark = sparkOf(
      [
        { at: 0, value: 1 },
        { at: 5 * HOUR, value: 1 },
        { at: 6 * HOUR, value: 1 },
      ],
      0,
      10 * HOUR,
      HOUR,
      104,
      24,
    );
    expect(spark?.path).toBe("M2 12h1.5M52 12L62 12");
  });
});
