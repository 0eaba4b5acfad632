import { getWallets } from "@wallet-standard/app";
import type { Wallet, WalletAccount } from "@wallet-standard/base";
import { expect, test, vi } from "vitest";

vi.stubGlobal("window", new EventTarget());
vi.stubGlobal("localStorage", { getItem: () => null, setItem: () => {}, removeItem: () => {} });
vi.stubGlobal("navigator", { language: "en" });
vi.stubGlobal("location", { host: "market.example", origin: "https://market.example" });

const account = (address: string, chain: string) =>
  ({ address, chains: [chain], publicKey: new Uint8Array(32), features: [] }) as WalletAccount;

type Change = (now: { accounts?: readonly WalletAccount[] }) => void;
const heard = new Set<Change>();
const signed: string[] = [];
const accounts = [account("0xabc", "eip155:1"), account("first", "solana:mainnet")];
const wallet = {
  version: "1.0.0",
  name: "Two chains",
  icon: "data:image/png;base64,",
  chains: ["eip155:1", "solana:mainnet"],
  accounts,
  features: {
    "standard:connect": { version: "1.0.0", connect: () => Promise.resolve({ accounts }) },
    "standard:events": {
      version: "1.0.0",
      on: (_: string, listener: Change) => {
        heard.add(listener);
        return () => heard.delete(listener);
      },
    },
    "solana:signTransaction": {},
    "solana:signMessage": {
      signMessage: ({ message }: { message: Uint8Array }) => {
        signed.push(new TextDecoder().decode(message));
        return Promise.resolve([{ signature: new Uint8Array(64) }]);
      },
    },
  },
} as unknown as Wallet;

test("the account that pays is of this chain, however often one connects and changes", async () => {
  const page = await import("./wallet.svelte.ts");
  getWallets().register(wallet);
  expect(await page.connect("Two chains")).toBe("first");
  await page.connect("Two chains");
  await page.connect("Two chains");
  expect(heard.size).toBe(1);
  const say = (now: readonly WalletAccount[]) => {
    for (const listener of heard) listener({ accounts: now });
  };
  say([account("0xdef", "eip155:1"), account("second", "solana:mainnet")]);
  expect(page.address()).toBe("second");
  say([account("0xdef", "eip155:1")]);
  expect(page.address()).not.toBe("0xdef");
  await page.disconnect();
  expect(heard.size).toBe(0);
});

test("signing in signs no text of the market's own", async () => {
  const page = await import("./wallet.svelte.ts");
  await page.connect("Two chains");
  const message = "OBELISK: whoever holds this may open a terminal";
  vi.stubGlobal("fetch", (path: string) => {
    const challenge = { message, nonce: "0123456789abcdef", issued_at: "2026-11-18T11:06:40Z" };
    const answer = path === "/v1/market" ? { market: "M" } : challenge;
    return Promise.resolve(new Response(JSON.stringify(answer)));
  });
  await expect(page.signIn()).rejects.toMatchObject({ code: "refused" });
  expect(signed).toEqual([]);
});
