import { afterEach, expect, test, vi } from "vitest";
import { get, post } from "./api.ts";

afterEach(() => void vi.unstubAllGlobals());
const answer = (make: () => Response) => vi.stubGlobal("fetch", () => Promise.resolve(make()));

test("an answer that cannot be read is no answer", async () => {
  answer(() => new Response("<html>", { status: 200 }));
  await expect(get("/v1/market")).rejects.toMatchObject({ code: "unreachable", status: 0 });
  await expect(post("/v1/quotes", {})).rejects.toMatchObject({ code: "unreachable" });
  // The connection dies in the middle of it.
  const cut = () =>
    new ReadableStream({
      start(stream) {
        stream.enqueue(new TextEncoder().encode('{"signature":"5'));
        stream.error(new TypeError("network error"));
      },
    });
  answer(() => new Response(cut(), { status: 202 }));
  await expect(post("/v1/transactions", {})).rejects.toMatchObject({ code: "unreachable" });
});

test("what the market says no to keeps its own words", async () => {
  answer(() => new Response(JSON.stringify({ code: "expired", detail: "Over." }), { status: 410 }));
  await expect(get("/v1/quotes/x")).rejects.toMatchObject({ code: "expired", status: 410 });
});

test("a question that the network cut is asked once more, an order is not", async () => {
  let asked = 0;
  vi.stubGlobal("fetch", () => {
    asked += 1;
    return asked === 1 ? Promise.reject(new TypeError("cut")) : Promise.resolve(Response.json(7));
  });
  expect(await get("/v1/market")).toBe(7);
  expect(asked).toBe(2);
  asked = 0;
  await expect(post("/v1/quotes", {})).rejects.toMatchObject({ code: "unreachable" });
  expect(asked).toBe(1);
});
