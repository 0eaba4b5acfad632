import { expect, it, vi } from "vitest";
import { textOf } from "./sign_in_text.ts";

const ADDRESS = "awnxF3wHAAawSCaJU8hq3v89jcpVsCeUTT3wNKKY7ux";
const chains = ["solana:localnet"] as const;
const account = { address: ADDRESS, publicKey: new Uint8Array(32), chains, features: [] };
const wallet = {
  version: "1.0.0",
  name: "Test",
  icon: "data:image/png;base64,",
  chains,
  accounts: [account],
  features: {
    "standard:connect": { version: "1.0.0", connect: async () => ({ accounts: [account] }) },
    "solana:signTransaction": {},
    "solana:signMessage": { signMessage: async () => [{ signature: new Uint8Array(64) }] },
  },
} as const;

it("ends at the market the session that signing in made, and forgets it", async () => {
  const there = { host: "127.0.0.1:8480", origin: "http://127.0.0.1:8480" };
  vi.stubGlobal("location", there);
  const market = "8qbHbw2BbbTHBW1sbeqakYXVKRQM8Ne7pLK7m6CVfeR";
  const nonce = "0123456789abcdef";
  const issued_at = "2026-11-29T12:00:00Z";
  const challenge = { nonce, issued_at };
  const ours = { ...there, wallet: ADDRESS, market };
  const kept = new Map<string, string>();
  const asked: { what: string; token: string | undefined }[] = [];
  vi.stubGlobal("window", new EventTarget());
  vi.stubGlobal("localStorage", {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => kept.set(name, value),
    removeItem: (name: string) => kept.delete(name),
  });
  vi.stubGlobal("fetch", (path: string, request: RequestInit) => {
    const token = (request.headers as Record<string, string>)["Authorization"];
    asked.push({ what: `${request.method} ${path}`, token });
    if (path.endsWith("challenge"))
      return Promise.resolve(Response.json({ ...challenge, message: textOf(challenge, ours) }));
    if (path === "/v1/market") return Promise.resolve(Response.json({ market, local: true }));
    if (request.method === "DELETE") return Promise.reject(new TypeError("no network"));
    const session = { session: "s/1", expires_at: "2999-01-01T00:00:00Z" };
    return Promise.resolve(Response.json({ token: "obelisk_1", session }));
  });
  const { getWallets } = await import("@wallet-standard/app");
  const page = await import("./wallet.svelte.ts");
  getWallets().register(wallet as never);
  await page.connect("Test");
  await page.signIn();
  expect(page.token()).toBe("obelisk_1");
  await page.disconnect();
  expect(asked.at(-1)).toEqual({
    what: "DELETE /v1/sessions/s%2F1",
    token: "Bearer obelisk_1",
  });
  expect(page.token()).toBeUndefined();
  expect(page.address()).toBeUndefined();
  expect(kept.size).toBe(0);
  await page.disconnect();
  expect(asked).toHaveLength(4);
});
