import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { QuoteDesk, type Want } from "./desk.svelte.ts";

// A market of one card: it counts what it is asked, and gives a quote for a minute.
let asked: string[] = [];
let held = new Set<string>();
let next = 0;
let answer: (() => Response) | undefined;

const want: Want = { offer: "o", count: 1, seconds: 600, ssh_key: "k", renter: "r" };
const problem = (code: string, status: number) =>
  new Response(JSON.stringify({ code, detail: code }), { status });

beforeEach(() => {
  vi.useFakeTimers();
  asked = [];
  held = new Set();
  next = 0;
  answer = undefined;
  vi.stubGlobal("document", { hidden: false });
  vi.stubGlobal("fetch", (path: string, request: RequestInit) => {
    asked.push(`${request.method} ${path}`);
    if (request.method === "DELETE") {
      held.delete(path.split("/").at(-1) ?? "");
      return Promise.resolve(new Response(null, { status: 204 }));
    }
    if (answer) return Promise.resolve(answer());
    if (held.size > 0) return Promise.resolve(problem("conflict", 409));
    const id = `q${++next}`;
    held.add(id);
    const expires_at_s = Math.floor(Date.now() / 1_000) + 60;
    return Promise.resolve(new Response(JSON.stringify({ id, expires_at_s }), { status: 201 }));
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

async function wait(ms: number) {
  await vi.advanceTimersByTimeAsync(ms);
}

test("typing is one question, asked when it has settled", async () => {
  const desk = new QuoteDesk();
  for (const seconds of [60, 600, 6_000]) {
    desk.want({ ...want, seconds });
    await wait(100);
  }
  expect(asked).toEqual([]);
  await wait(400);
  expect(asked).toEqual(["POST /v1/quotes"]);
  expect(desk.quote?.id).toBe("q1");
  desk.end();
});

test("another choice, and leaving, give up what was held", async () => {
  const desk = new QuoteDesk();
  desk.want(want);
  await wait(500);
  desk.want({ ...want });
  await wait(500);
  expect(desk.quote?.id).toBe("q1");
  desk.want({ ...want, seconds: 60 });
  expect(desk.quote).toBe(undefined);
  await wait(500);
  expect(desk.quote?.id).toBe("q2");
  desk.end();
  await wait(0);
  expect(held.size).toBe(0);
});

test("it renews before its end, and never while somebody pays", async () => {
  const desk = new QuoteDesk();
  desk.want(want);
  await wait(500);
  await wait(58_000);
  expect(desk.quote?.id).toBe("q2");
  expect(held).toEqual(new Set(["q2"]));
  desk.hold(true);
  await wait(120_000);
  expect(desk.quote?.id).toBe("q2");
  desk.hold(false);
  await wait(100);
  expect(desk.quote?.id).toBe("q3");
  desk.paid();
  await wait(120_000);
  expect(held).toEqual(new Set(["q3"]));
});

test("while the wallet is open nothing is given up, and a change applies afterwards", async () => {
  const desk = new QuoteDesk();
  desk.want(want);
  await wait(500);
  desk.hold(true);
  desk.want({ ...want, seconds: 60 });
  desk.want({ ...want, seconds: 120 });
  desk.again();
  await wait(5_000);
  expect(desk.quote?.id).toBe("q1");
  expect(held).toEqual(new Set(["q1"]));
  desk.hold(false);
  await wait(500);
  expect(desk.quote?.id).toBe("q2");
  // The view is left meanwhile: what is held stays until it is known what became of it.
  desk.hold(true);
  desk.end();
  await wait(5_000);
  expect(held).toEqual(new Set(["q2"]));
  desk.hold(false);
  await wait(0);
  expect(held.size).toBe(0);
});

test("what was paid is not given up by leaving the view", async () => {
  const desk = new QuoteDesk();
  desk.want(want);
  await wait(500);
  desk.hold(true);
  desk.end();
  desk.paid();
  desk.hold(false);
  await wait(120_000);
  expect(held).toEqual(new Set(["q1"]));
  expect(next).toBe(1);
});

test("where nobody is, no card is held", async () => {
  const desk = new QuoteDesk();
  desk.want(want);
  await wait(900_000);
  expect(desk.isResting).toBe(true);
  expect(held.size).toBe(0);
  const before = asked.length;
  await wait(900_000);
  expect(asked.length).toBe(before);
  desk.again();
  await wait(0);
  expect(desk.isResting).toBe(false);
  expect(desk.quote).toBeDefined();
  desk.end();
});

test("a hidden page lets its quote end, and asks again when it is looked at", async () => {
  const desk = new QuoteDesk();
  desk.want(want);
  await wait(500);
  vi.stubGlobal("document", { hidden: true });
  await wait(120_000);
  expect(next).toBe(1);
  vi.stubGlobal("document", { hidden: false });
  desk.look();
  await wait(0);
  expect(desk.quote?.id).toBe("q2");
  desk.end();
});

test("our own quote that cannot be given up does not look like an offer that is gone", async () => {
  const desk = new QuoteDesk();
  desk.want(want);
  await wait(500);
  held.add("shared"); // nobody's DELETE takes this one away
  await wait(58_000);
  expect(desk.error).toBe(undefined);
  expect(desk.isAsking).toBe(true);
  held.clear();
  await wait(3_000);
  expect(desk.quote?.id).toBe("q2");
  desk.end();
});

test("what the market says no to is shown, and may be asked again", async () => {
  const desk = new QuoteDesk();
  answer = () => problem("rate_limited", 429);
  desk.want(want);
  await wait(500);
  expect(desk.error).toMatchObject({ code: "rate_limited" });
  expect(desk.isAsking).toBe(false);
  answer = undefined;
  desk.again();
  await wait(0);
  expect(desk.error).toBe(undefined);
  expect(desk.quote?.id).toBe("q1");
  desk.end();
});
