import { afterEach, expect, it, vi } from "vitest";
import type { Follow } from "../../lib/events.ts";
import { Watch } from "./watch.svelte.ts";

vi.mock("../../wallet/wallet.svelte.ts", () => ({ forgetToken: () => {} }));
let told: Follow | undefined;
vi.mock("../../lib/events.ts", () => ({
  follow: (_: string, __: AbortSignal, want: Follow) => {
    told = want;
  },
}));
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it("asks seldom while events come, and often where they do not", async () => {
  vi.useFakeTimers();
  let asked = 0;
  vi.stubGlobal("fetch", (path: string) => {
    if (path.startsWith("/v1/leases/")) asked += 1;
    return Promise.resolve(
      Response.json({ lease: "L", state: "preparing", version: 1, chain_time_s: 1 }),
    );
  });
  const end = new AbortController();
  const watch = new Watch("L");
  watch.start("obelisk_token", end.signal);
  told?.onState?.(true);
  await vi.advanceTimersByTimeAsync(12_000);
  expect(asked).toBe(3);
  told?.onState?.(false);
  await vi.advanceTimersByTimeAsync(7_000);
  expect(asked).toBeGreaterThan(10);
  end.abort();
});
