import { describe, expect, it } from "vitest";
import type { Ended } from "../../lib/outcomes/outcomes.ts";
import { scoreOf } from "./score.ts";

const ended = (outcome: Ended["outcome"], served_s?: number, due_s?: number) =>
  ({ lease: "L", outcome, ended_at: "", served_s, due_s }) as Ended;

describe("a host's score", () => {
  it("counts as the chain is counted", () => {
    const score = scoreOf([
      ended("ran_to_the_end", 600, 600),
      ended("stopped_by_renter", 60, 60),
      ended("stopped_by_renter", 50, 60), // disputed, and so it stayed
      ended("stopped_by_host", 10, 10),
      ended("host_dark", 30, 90),
      ended("not_ready"),
      ended("cancelled"),
      ended("never_paid"),
    ]);
    expect(score).toEqual({
      kept: 2,
      left: 1,
      dark: 1,
      disputed: 1,
      missed: 1,
      withdrawn: 1,
      counted: 5,
      due: 820,
      served: 750,
      keptBps: 4_000,
      uptimeBps: 9_146,
      scoreBps: 3_658,
    });
  });
  it("rounds down, each of the three", () => {
    const score = scoreOf([
      ended("stopped_by_renter", 1, 1),
      ended("stopped_by_renter", 1, 1),
      ended("host_dark", 0, 1),
    ]);
    expect(score).toMatchObject({ keptBps: 6_666, uptimeBps: 6_666, scoreBps: 4_443 });
  });
  it("is of all where nothing was due, and is none where nothing counts", () => {
    expect(scoreOf([ended("stopped_by_renter", 0, 0)])).toMatchObject({
      keptBps: 10_000,
      uptimeBps: 10_000,
      scoreBps: 10_000,
    });
    const none = scoreOf([ended("not_ready"), ended("cancelled")]);
    expect(none).toMatchObject({ counted: 0, missed: 1, withdrawn: 1 });
    expect([none.keptBps, none.uptimeBps, none.scoreBps]).toEqual(Array(3).fill(undefined));
  });
  it("takes no more than was due for served", () => {
    expect(scoreOf([ended("ran_to_the_end", 61, 60)])).toMatchObject({ uptimeBps: 10_000 });
  });
});
