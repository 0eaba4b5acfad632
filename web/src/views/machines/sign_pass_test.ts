import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Lease } from "../../lib/api.ts";
import { encodeBase58 } from "../../wallet/base58.ts";
import { nameOf } from "./pass.ts";

let signed = "";
vi.mock("../../wallet/wallet.svelte.ts", () => ({
  signMessage: (text: Uint8Array) => {
    signed = new TextDecoder().decode(text);
    return Promise.resolve(new Uint8Array(64));
  },
}));

const CHAIN_S = Date.UTC(2027, 0, 15, 8) / 1000;
const bytes = new Uint8Array(32).fill(7);
const lease = {
  lease: encodeBase58(bytes),
  ends_at_s: CHAIN_S + 600,
  ways: [{ web: `https://{port}-${nameOf(bytes)}.gate.example` }],
} as unknown as Lease;

describe("the time of a pass", () => {
  beforeEach(() => {
    vi.resetModules();
    vi.useFakeTimers({ now: (CHAIN_S + 7200) * 1000 }); // two hours fast
  });

  it("is the chain's, however wrong the visitor's clock is", async () => {
    vi.stubGlobal("fetch", () => Promise.resolve(Response.json({ chain_time_s: CHAIN_S })));
    const { signVisit } = await import("./sign_pass.ts");
    const visit = await signVisit(lease, 8080);
    expect(signed).toContain("\nfrom: 2027-01-15T08:00:00Z\nuntil: 2027-01-15T09:10:00Z");
    expect(visit.untilS).toBe(CHAIN_S + 600 + 3600);
  });
  it("is the visitor's where nobody tells the chain's", async () => {
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("no network")));
    const { signVisit } = await import("./sign_pass.ts");
    const done = signVisit(lease, "terminal");
    await vi.advanceTimersByTimeAsync(1_000); // the market is asked once more
    await done;
    expect(signed).toContain("\nfrom: 2027-01-15T10:00:0");
  });
});
