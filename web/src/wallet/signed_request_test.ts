import { beforeEach, describe, expect, it, vi } from "vitest";
import { askSigned, getSigned, textToSign } from "./signed_request.ts";

const signed: string[] = [];
vi.mock("./wallet.svelte.ts", () => ({
  address: () => "KEY",
  signMessage: (message: Uint8Array) => {
    signed.push(new TextDecoder().decode(message));
    return Promise.resolve(new Uint8Array(64));
  },
}));
vi.stubGlobal("location", { host: "market.example" });

let asked: { path: string; request: RequestInit }[] = [];
let answer = () => Response.json({ host: "KEY", from_s: 5 });
vi.stubGlobal("fetch", async (path: string, request: RequestInit) => {
  if (path === "/v1/market") return Response.json({ market: "MARKET" });
  asked.push({ path, request });
  return answer();
});
const sha256 = async (bytes: BufferSource) =>
  Array.from(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");

it("signs the eight lines that the market and the host read", () => {
  const text = textToSign({
    method: "GET",
    path: "/v1/leases?limit=2",
    host: "127.0.0.1:8480",
    market: "8qbHbw2BbbTHBW1sbeqakYXVKRQM8Ne7pLK7m6CVfeR",
    bodyHash: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    atMs: 1795000000000,
    nonce: "0123456789abcdef",
  });
  expect(text).toBe(
    "OBELISKR\nGET\n/v1/leases?limit=2\n127.0.0.1:8480\n" +
      "8qbHbw2BbbTHBW1sbeqakYXVKRQM8Ne7pLK7m6CVfeR\n" +
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n" +
      "1795000000000\n0123456789abcdef",
  );
});

describe("a signed request", () => {
  beforeEach(() => {
    asked = [];
    signed.length = 0;
    answer = () => Response.json({ host: "KEY", from_s: 5 });
  });

  it("signs the digest of exactly the bytes that it sends", async () => {
    const path = "/v1/hosts/KEY/maintenance";
    expect(await askSigned("POST", path, { body: { from_s: 5 } })).toEqual({
      host: "KEY",
      from_s: 5,
    });
    const { request } = asked[0]!;
    const body = request.body as Uint8Array<ArrayBuffer>;
    expect(new TextDecoder().decode(body)).toBe('{"from_s":5}');
    expect(request.method).toBe("POST");
    const headers = new Headers(request.headers);
    expect(headers.get("Content-Type")).toBe("application/json");
    const [, method, target, host, market, hash, at, nonce] = (signed[0] ?? "").split("\n");
    expect([method, target, host, market]).toEqual(["POST", path, "market.example", "MARKET"]);
    expect(hash).toBe(await sha256(body));
    expect(nonce).toMatch(/^[0-9a-f]{32}$/);
    expect(headers.get("Authorization")).toBe(
      `Obelisk-Signature key="KEY", at="${at}", nonce="${nonce}", signature="${"1".repeat(64)}"`,
    );
  });
  it("without a body signs the digest of nothing, and sends nothing", async () => {
    await askSigned("DELETE", "/v1/hosts/KEY/maintenance");
    await getSigned("/v1/leases/L/logs", { tail: "5" });
    const nothing = await sha256(new Uint8Array());
    expect(signed.map((text) => text.split("\n").slice(1, 3))).toEqual([
      ["DELETE", "/v1/hosts/KEY/maintenance"],
      ["GET", "/v1/leases/L/logs?tail=5"],
    ]);
    for (const text of signed) expect(text.split("\n")[5]).toBe(nothing);
    for (const { request } of asked) {
      expect(request.body).toBe(undefined);
      expect(new Headers(request.headers).has("Content-Type")).toBe(false);
    }
    expect(asked[1]?.path).toBe("/v1/leases/L/logs?tail=5");
  });
  it("says what the market says, and takes its clock for the next one", async () => {
    const theirs = Date.now() + 3_600_000;
    answer = () =>
      Response.json(
        { code: "unauthorized", detail: "Too old." },
        { status: 401, headers: { "Obelisk-Time": String(theirs) } },
      );
    await expect(askSigned("DELETE", "/x")).rejects.toMatchObject({
      code: "unauthorized",
      status: 401,
    });
    answer = () => Response.json({});
    await askSigned("DELETE", "/x");
    const at = Number(signed[1]?.split("\n")[6]);
    expect(at).toBeGreaterThan(theirs - 60_000);
  });
  it("that gets no answer, or half of one, is unreachable", async () => {
    answer = () => new Response("<html>");
    await expect(askSigned("DELETE", "/x")).rejects.toMatchObject({ code: "unreachable" });
    answer = () => {
      throw new TypeError("no network");
    };
    await expect(askSigned("DELETE", "/x")).rejects.toMatchObject({ code: "unreachable" });
  });
});
