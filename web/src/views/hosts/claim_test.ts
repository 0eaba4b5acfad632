// A claim after its click: only the lease tells what came of it.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Lease } from "../../lib/api.ts";
import { Change } from "../../lib/change.svelte.ts";
import { claimBy } from "./claim.ts";

const START_S = Date.parse("2026-11-18T11:00:00Z") / 1_000;
const lease = (provenS: number, state = "active") =>
  ({
    lease: "L",
    state,
    started_at: "2026-11-18T11:00:00Z",
    ends_at_s: START_S + 3_600,
    proven_until_s: START_S + provenS,
    lamports_per_hour: "3600000",
    fee_bps: 250,
  }) as Lease;
const page = { isOpen: true };
let now: Lease; // as the market shows it

describe("a claim", () => {
  beforeEach(() => {
    vi.useFakeTimers();
    page.isOpen = true;
    vi.stubGlobal("fetch", async (path: string) => {
      expect(path).toBe("/v1/leases/L");
      return Response.json(now);
    });
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  // The wallet takes its time; the proof of 100 s is made before it is asked.
  const claim = (change: Change, inWallet: () => void = () => {}) =>
    claimBy(change, "L", page, async ({ onMade }) => {
      onMade({ before: lease(0), aliveUntil: BigInt(START_S + 100) });
      inWallet();
      return true;
    });

  it("is done once the chain was shown its proof, though more waits by then", async () => {
    const change = new Change();
    now = lease(0);
    const done = claim(change, () => {
      // A newer proof came while the wallet was open: 160 s are attested, and more waits than at
      // the click once 100 s of them are paid.
      now = { ...lease(0), attestation: { opened_slot: 7, alive_until: START_S + 260 } } as Lease;
    });
    await vi.advanceTimersByTimeAsync(3_000);
    expect(change.step).toBe("chain");
    now = { ...now, proven_until_s: START_S + 100 };
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await done).toEqual({ lease: "L", result: "paid", lamports: 97_500n });
    expect(change).toMatchObject({ step: "idle", isUnseen: false });
  });
  it("pays what was shown to the chain meanwhile, by whomever", async () => {
    now = lease(200);
    expect(await claim(new Change())).toMatchObject({ result: "paid", lamports: 195_000n });
  });
  it("says no amount of a lease that ended meanwhile", async () => {
    now = lease(0);
    const done = claim(new Change(), () => {
      now = lease(180, "ended");
    });
    expect(await done).toEqual({ lease: "L", result: "ended", lamports: undefined });
  });
  it("that never landed is said to be one", async () => {
    const change = new Change();
    now = lease(0);
    const done = claim(change);
    await vi.advanceTimersByTimeAsync(85_000);
    expect(change.step).toBe("chain");
    now = lease(99); // of another claim, with an older proof
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await done).toBeUndefined();
    expect(change).toMatchObject({ step: "idle", isUnseen: true });
  });
  it("that nobody signed is none", async () => {
    const change = new Change();
    now = lease(100); // by another's claim: it is not taken for this one
    const refused = new Error("The wallet did not sign.");
    expect(await claimBy(change, "L", page, () => Promise.reject(refused))).toBeUndefined();
    expect(change.failed).toBe(refused);
  });
});
