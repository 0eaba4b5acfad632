import { afterEach, describe, expect, it, vi } from "vitest";
import { ReceiptOf } from "./receipt_file.svelte.ts";

const forgotten = vi.hoisted(() => ({ times: 0 }));
vi.mock("../../wallet/wallet.svelte.ts", () => ({
  forgetToken: () => {
    forgotten.times += 1;
  },
}));
afterEach(() => {
  vi.unstubAllGlobals();
  forgotten.times = 0;
});

// As a market writes it: not as JSON.stringify would.
const text = (terms: string) => `{ "lease":"L","terms":${terms},\n "transactions":[] }`;
function answering(answer: (token: string | undefined) => Response | Promise<Response>) {
  vi.stubGlobal("fetch", (path: string, request: RequestInit) => {
    expect(path).toBe("/v1/leases/L/receipt");
    return Promise.resolve(answer((request.headers as Record<string, string>)["Authorization"]));
  });
}

describe("a receipt's file", () => {
  it("is kept byte by byte, and says whether it has the terms", async () => {
    answering((token) => new Response(text(token ? '"{}"' : "null")));
    const receipt = new ReceiptOf("L");
    const open = await receipt.ask(undefined);
    expect(new TextDecoder().decode(open?.bytes)).toBe(text("null"));
    expect([open?.hasTerms, receipt.isAsking]).toEqual([false, false]);
    expect((await receipt.ask("obelisk_1"))?.hasTerms).toBe(true);
    expect(receipt.answer?.hasTerms).toBe(true);
  });
  it("that cannot be had leaves what was known, and says why", async () => {
    answering(() => new Response(text("null")));
    const receipt = new ReceiptOf("L");
    await receipt.ask(undefined);
    answering(() => Response.json({ code: "node", detail: "No node." }, { status: 502 }));
    await receipt.ask(undefined);
    expect(receipt.failed).toMatchObject({ code: "node", message: "No node." });
    expect(receipt.answer?.rows).toEqual([]);
    // Of another wallet it is another one.
    await receipt.ask("obelisk_1");
    expect(receipt.answer).toBeUndefined();
  });
  it("of another lease, or that is no receipt, is none", async () => {
    for (const body of [text("null").replace("L", "M"), "<html>", "{}", "null"]) {
      answering(() => new Response(body));
      const receipt = new ReceiptOf("L");
      expect(await receipt.ask(undefined)).toBeUndefined();
      expect(receipt.failed).toMatchObject({ code: "unreachable" });
    }
  });
  it("is asked without a token that is no longer taken", async () => {
    answering(() => Response.json({ code: "unauthorized" }, { status: 401 }));
    const receipt = new ReceiptOf("L");
    await receipt.ask("obelisk_1");
    expect([forgotten.times, receipt.failed]).toEqual([1, undefined]);
  });
  it("is the answer to the last question", async () => {
    let first: (response: Response) => void = () => {};
    answering((token) =>
      token ? new Response(text('"{}"')) : new Promise((done) => (first = done)),
    );
    const receipt = new ReceiptOf("L");
    const old = receipt.ask(undefined);
    await receipt.ask("obelisk_1");
    first(new Response(text("null")));
    expect(await old).toBeUndefined();
    expect(receipt.answer?.hasTerms).toBe(true);
  });
});
