import { describe, expect, it } from "vitest";
import { dayText, hourText, momentText, secondsOf, secondText, shortSecondText } from "./moment.ts";

const EVENING = new Date(2026, 10, 29, 22, 59, 28).getTime() / 1_000; // where the test runs
const MIDNIGHT = new Date(2026, 10, 29).getTime() / 1_000;

describe("a moment", () => {
  it("is of 24 hours in both languages", () => {
    expect(momentText(EVENING, "en")).toBe("29 Nov 2026, 22:59");
    expect(momentText(EVENING, "de")).toBe("29.11.2026, 22:59");
    expect(momentText(MIDNIGHT, "en")).toBe("29 Nov 2026, 00:00");
    expect(hourText(EVENING, "en")).toBe("22:59");
    expect(hourText(MIDNIGHT, "en")).toBe("00:00");
    expect(dayText(EVENING, "en")).toBe("29 Nov");
  });
  it("has its second where leases are counted", () => {
    expect(secondText(EVENING, "en")).toBe("29 Nov 2026, 22:59:28");
    expect(secondText(EVENING, "de")).toBe("29.11.2026, 22:59:28");
    expect(shortSecondText(EVENING, "en")).toBe("29/11/2026, 22:59:28");
  });
  it("that is none is no text, and no second", () => {
    expect(momentText(NaN, "en")).toBe("");
    expect(secondsOf("2026-11-29T00:00:01.9Z")).toBe(1_795_910_401);
    expect(secondsOf("soon")).toBe(0);
    expect(secondsOf(undefined)).toBe(0);
  });
});
