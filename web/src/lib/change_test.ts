import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Problem, type Lease } from "./api.ts";
import { Change, type Looked } from "./change.svelte.ts";

// A lease of 600 s that is extended to 900 s.
function newLive() {
  const live: Looked<Lease> & { seconds: number; answers: boolean; looks: number } = {
    seen: { seconds: 600 } as Lease,
    isOpen: true,
    seconds: 600,
    answers: true,
    looks: 0,
    refresh: () => {
      live.looks += 1;
      if (live.answers) live.seen = { seconds: live.seconds } as Lease;
      return Promise.resolve(live.answers);
    },
  };
  return live;
}
const isDone = (lease: Lease) => lease.seconds >= 900;
const taken = () => Promise.resolve(true);
const silent = (onSilent: () => void) => {
  onSilent();
  return Promise.resolve(false);
};

describe("a change of a lease", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("is done once the lease shows it", async () => {
    const [live, change] = [newLive(), new Change()];
    const done = change.run(live, taken, isDone);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(change.step).toBe("chain");
    live.seconds = 900;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await done).toBe(true);
    expect(change).toMatchObject({ step: "idle", isUnseen: false, failed: undefined });
  });
  it("that landed and was not answered for is done all the same", async () => {
    const [live, change] = [newLive(), new Change()];
    live.answers = false;
    const done = change.run(live, silent, isDone);
    await vi.advanceTimersByTimeAsync(30_000);
    expect(change.step).toBe("silent");
    // Nothing more is sent while it is not known.
    const second = vi.fn(taken);
    expect(await change.run(live, second, isDone)).toBe(false);
    expect(second).not.toHaveBeenCalled();
    live.answers = true;
    live.seconds = 900;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await done).toBe(true);
    expect(change).toMatchObject({ step: "idle", isUnseen: false, failed: undefined });
  });
  it("that is never seen is said to be so once it can land no more, and not before", async () => {
    for (const send of [silent, taken]) {
      const [live, change] = [newLive(), new Change()];
      const done = change.run(live, send, isDone);
      await vi.advanceTimersByTimeAsync(89_000);
      expect(change.step).not.toBe("idle");
      await vi.advanceTimersByTimeAsync(2_000);
      expect(await done).toBe(false);
      expect(change).toMatchObject({ step: "idle", isUnseen: true, failed: undefined });
    }
  });
  it("stays unknown while the lease cannot be looked at", async () => {
    const [live, change] = [newLive(), new Change()];
    live.answers = false;
    const done = change.run(live, silent, isDone);
    await vi.advanceTimersByTimeAsync(300_000);
    expect(change.step).toBe("late");
    live.answers = true;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await done).toBe(false);
    expect(change.isUnseen).toBe(true);
  });
  it("that was refused cost nothing and is over", async () => {
    const [live, change] = [newLive(), new Change()];
    const no = new Problem("declined", "The wallet did not sign.", "", 0n, 0);
    expect(await change.run(live, () => Promise.reject(no), isDone)).toBe(false);
    expect(change).toMatchObject({ step: "idle", isUnseen: false, failed: no });
    expect(live.looks).toBe(0);
  });
  it("is not looked for once the page has gone elsewhere", async () => {
    const [live, change] = [newLive(), new Change()];
    const done = change.run(live, taken, isDone);
    await vi.advanceTimersByTimeAsync(2_000);
    live.isOpen = false;
    await vi.advanceTimersByTimeAsync(1_000);
    await done;
    expect(vi.getTimerCount()).toBe(0);
  });
});
