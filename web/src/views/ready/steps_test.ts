import { expect, test } from "vitest";
import { isUnderWay, phaseOf, reachedBy, timesOf } from "./steps.ts";

const at = (ms: number) => new Date(Date.UTC(2026, 10, 29, 22, 6, 0, ms)).toISOString();
// A rental as the market told it.
const story = [
  { kind: "open_seen", at: at(724) },
  { kind: "host_starting", at: at(727) },
  { kind: "host_running", at: at(942) },
  { kind: "open_confirmed", at: at(1_111) },
  { kind: "login_worked", at: at(1_263) },
  { kind: "ready_confirmed", at: at(1_512) },
];
const payment = { lease: "L", sentAtMs: 1, acceptedMs: 40 };

test("times run from the signed payment, by the market's clock", () => {
  expect(timesOf(story, payment)).toEqual({
    paid: 40,
    confirmed: 427,
    preparing: 258,
    checked: 579,
    ready: 828,
  });
  expect(timesOf(story, undefined).ready).toBe(788);
  expect(timesOf([], payment)).toEqual({});
});

test("a story that is cut, repeated, bent or begun anew makes no wrong time", () => {
  expect(timesOf(story.slice(3), payment)).toEqual({ confirmed: 40, checked: 192, ready: 441 });
  expect(timesOf([...story, ...story.slice(1)], payment)).toEqual(timesOf(story, payment));
  expect(timesOf([{ kind: "open_seen", at: "never" }], payment)).toEqual({});
  expect(timesOf([{ kind: "constructor", at: at(0) }], payment)).toEqual({});
  const again = { kind: "open_seen", at: at(5_000) };
  expect(timesOf([...story.slice(0, 4), again], payment)).toEqual({ paid: 40 });
  const back = { kind: "open_confirmed", at: at(0) };
  expect(timesOf([story[0]!, back], payment)).toEqual({ paid: 40, confirmed: 40 });
});

test("a state alone shows how far it is", () => {
  expect(reachedBy("quoted")).toEqual([]);
  expect(reachedBy("checking")).toEqual(["paid", "confirmed"]);
  expect(reachedBy("active")).toHaveLength(5);
});

test("every state and outcome has one phase", () => {
  const base = { outcome: "none", opened_at: at(0), ready_deadline_s: 60 } as const;
  const opened = Date.parse(at(0)) / 1_000;
  const phase = (state: Parameters<typeof phaseOf>[0]["state"], more = {}, now = opened) =>
    phaseOf({ ...base, state, ...more }, now, undefined);
  expect(phase("quoted")).toBe("unseen");
  expect(phaseOf({ ...base, state: "quoted" }, opened, 74_000)).toBe("sent");
  expect(phaseOf({ ...base, state: "quoted" }, opened, 76_000)).toBe("unseen");
  expect(phase("quoted", { outcome: "never_paid" })).toBe("unpaid");
  expect(phase("preparing")).toBe("waiting");
  expect(phase("checking", {}, opened + 60)).toBe("waiting");
  expect(phase("starting", {}, opened + 61)).toBe("missed");
  expect(phase("stopping", { outcome: "not_ready" })).toBe("missed");
  expect(phase("stopping")).toBe("over");
  expect(phase("active")).toBe("ready");
  expect(phase("contested")).toBe("over");
  expect(phase("ended", { outcome: "never_paid" })).toBe("unpaid");
  expect(phase("ended", { outcome: "not_ready" })).toBe("back");
  expect(phase("ended", { outcome: "cancelled" })).toBe("back");
  expect(phase("ended", { outcome: "stopped_by_renter" })).toBe("over");
});

test("a remembered payment is under way while it may still land", () => {
  const underWay = (state: Parameters<typeof phaseOf>[0]["state"], agoMs: number) =>
    isUnderWay({ state, outcome: "none" }, agoMs);
  expect(underWay("quoted", 10_000)).toBe(true);
  expect(underWay("quoted", 76_000)).toBe(false);
  expect(isUnderWay(undefined, 10_000)).toBe(true);
  expect(isUnderWay(undefined, 76_000)).toBe(false);
  expect(underWay("preparing", 300_000)).toBe(true);
  expect(isUnderWay({ state: "quoted", outcome: "never_paid" }, 10_000)).toBe(false);
  expect(underWay("active", 10_000)).toBe(false);
  expect(underWay("ended", 10_000)).toBe(false);
});
