import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { phoneOf } from "./memory.ts";
import type { StartedPay } from "./solana_pay.ts";
import { findPaid, keepTicket, openTickets } from "./tickets.ts";

let kept: Map<string, string>;
let states: Record<string, () => Response>;
let asked: string[];

const say = (value: unknown, status = 200) => new Response(JSON.stringify(value), { status });
const waiting = () => say({ state: "waiting" });
const started = (pay: string, inMs = 600_000) =>
  ({
    pay,
    secret: `s-${pay}`,
    expires_at: new Date(Date.now() + inMs).toISOString(),
  }) as StartedPay;
const names = () => openTickets().map((one) => one.pay);

beforeEach(() => {
  vi.useFakeTimers();
  kept = new Map();
  states = {};
  asked = [];
  vi.stubGlobal("sessionStorage", {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, text: string) => void kept.set(name, text),
    removeItem: (name: string) => void kept.delete(name),
  });
  vi.stubGlobal("fetch", (path: string, request: RequestInit) => {
    const pay = path.split("/")[3] ?? "";
    asked.push(pay);
    expect(new Headers(request.headers).get("Obelisk-Pay-Secret")).toBe(`s-${pay}`);
    return Promise.resolve((states[pay] ?? waiting)());
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("a code of before a reload is asked for, and its payment is found", async () => {
  keepTicket(started("a"), "o");
  keepTicket(started("b"), "o"); // another choice: the one that is on the screen now
  expect(await findPaid()).toBe(undefined);
  expect(asked).toEqual(["b", "a"]);
  states["a"] = () => say({ state: "paid", lease: { lease: "L" } });
  expect(await findPaid()).toBe("L");
  expect(phoneOf("L")).toEqual({ lease: "L", pay: "a", secret: "s-a" });
  expect(names()).toEqual(["b"]);
});

test("the end of a code is none of its payment, silence is none, unknown is one", async () => {
  for (const pay of ["a", "b", "c"]) keepTicket(started(pay), "o");
  states = {
    a: () => say({ state: "expired" }),
    b: () => say({ code: "internal" }, 500),
    c: () => say({ code: "not_found" }, 404),
  };
  expect(await findPaid()).toBe(undefined);
  expect(names()).toEqual(["a", "b"]);
  vi.advanceTimersByTime(680_000);
  expect(names()).toEqual(["a", "b"]);
  vi.advanceTimersByTime(20_000);
  expect(names()).toEqual([]);
});

test("no more than four are kept, none longer than a code lives, and nothing strange", () => {
  for (const pay of ["a", "b", "c", "d", "e"]) keepTicket(started(pay), "o");
  expect(names()).toEqual(["b", "c", "d", "e"]);
  keepTicket(started("f", 1e12), "o");
  vi.advanceTimersByTime(700_000);
  expect(names()).toEqual([]);
  kept.set("obelisk-phone-codes", '[1,null,{"pay":2}]');
  expect(names()).toEqual([]);
  kept.set("obelisk-phone-codes", "{");
  expect(names()).toEqual([]);
});
