import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Ended } from "../../lib/outcomes/outcomes.ts";
import { EndedLeases } from "./ended_leases.svelte.ts";

const ended = (lease: string, more: Partial<Ended> = { host_lamports: "1" }) =>
  ({ lease, outcome: "ran_to_the_end", ended_at: "2026-11-29T00:00:00Z", ...more }) as Ended;

let asks = 0;
let shown: Ended[] = [];
let isDown = false;

describe("a host's ended leases", () => {
  let stop: AbortController;
  let list: EndedLeases;
  const names = () => list.entries?.map(({ lease }) => lease);
  beforeEach(async () => {
    vi.useFakeTimers();
    asks = 0;
    shown = [ended("A")];
    isDown = false;
    vi.stubGlobal("fetch", async () => {
      asks += 1;
      return isDown
        ? Response.json({ code: "internal" }, { status: 500 })
        : Response.json({ entries: shown });
    });
    stop = new AbortController();
    list = new EndedLeases("H", stop.signal);
    await list.readAll();
    asks = 0;
  });
  afterEach(() => {
    stop.abort();
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it("are read once, while nothing that ran is gone", async () => {
    list.follow([]);
    list.follow(["B"]);
    list.follow(["B", "C"]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asks).toBe(0);
    expect(names()).toEqual(["A"]);
  });
  it("have a lease that is gone a second after, and are not asked for again", async () => {
    list.follow(["B"]);
    list.follow([]);
    shown = [ended("B"), ended("A")];
    await vi.advanceTimersByTimeAsync(1_000);
    expect(names()).toEqual(["B", "A"]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asks).toBe(1);
  });
  it("are asked for until it is there, with what it paid", async () => {
    list.follow(["B"]);
    list.follow([]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(names()).toEqual(["A"]);
    isDown = true;
    await vi.advanceTimersByTimeAsync(3_000);
    isDown = false;
    shown = [ended("B", {}), ended("A")];
    await vi.advanceTimersByTimeAsync(8_000);
    expect(names()).toEqual(["B", "A"]);
    shown = [ended("B"), ended("A")];
    await vi.advanceTimersByTimeAsync(20_000);
    expect(list.entries?.[0]).toMatchObject({ lease: "B", host_lamports: "1" });
    expect(asks).toBe(4);
  });
  it("are asked for no more than four times for one that does not come", async () => {
    list.follow(["B"]);
    list.follow([]);
    await vi.advanceTimersByTimeAsync(600_000);
    expect(asks).toBe(4);
  });
  it("are asked for no more once the page is gone", async () => {
    list.follow(["B"]);
    list.follow([]);
    stop.abort();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asks).toBe(0);
  });
  it("say what went wrong, and are read when they are asked for again", async () => {
    isDown = true;
    await list.readAll();
    expect(list.problem).toMatchObject({ code: "internal" });
    isDown = false;
    await list.readAll();
    expect(list.problem).toBeUndefined();
  });
});
