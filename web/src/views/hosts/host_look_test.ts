import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { HostLook } from "./host_look.svelte.ts";

let asks = 0;
let answer: () => Response | Promise<Response>;
const page = Object.assign(new EventTarget(), { hidden: false });

describe("a look at a host", () => {
  beforeEach(() => {
    vi.useFakeTimers();
    asks = 0;
    page.hidden = false;
    answer = () => Response.json({ host: "H", is_connected: true });
    vi.stubGlobal("document", page);
    vi.stubGlobal("fetch", async () => {
      asks += 1;
      return answer();
    });
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it("is taken every five seconds, while somebody sees it", async () => {
    const look = new HostLook("H");
    const end = look.start();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(asks).toBe(3);
    expect(look.seen).toMatchObject({ is_connected: true });
    page.hidden = true;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asks).toBe(3);
    page.hidden = false;
    page.dispatchEvent(new Event("visibilitychange"));
    await vi.advanceTimersByTimeAsync(0);
    expect(asks).toBe(4);
    end();
    await vi.advanceTimersByTimeAsync(60_000);
    page.dispatchEvent(new Event("visibilitychange"));
    expect(asks).toBe(4);
    expect(look.isOpen).toBe(false);
  });
  it("tells a host that was never heard of from a market that does not answer", async () => {
    const look = new HostLook("H");
    answer = () => Response.json({ code: "not_found" }, { status: 404 });
    expect(await look.refresh()).toBe(false);
    expect(look.isUnknown).toBe(true);
    answer = () => Response.json({ host: "H" });
    expect(await look.refresh()).toBe(true);
    expect(look).toMatchObject({ isUnknown: false, problem: undefined });
    answer = () => Response.json({ code: "internal" }, { status: 500 });
    expect(await look.refresh()).toBe(false);
    expect(look).toMatchObject({ isUnknown: false, problem: { code: "internal" } });
    expect(look.seen, "the last it was told stays").toMatchObject({ host: "H" });
  });
  it("shows no answer that a later one has overtaken", async () => {
    const look = new HostLook("H");
    let late: (response: Response) => void = () => {};
    answer = () => new Promise<Response>((done) => (late = done));
    const first = look.refresh();
    await vi.advanceTimersByTimeAsync(0);
    answer = () => Response.json({ host: "new" });
    expect(await look.refresh()).toBe(true);
    late(Response.json({ host: "old" }));
    expect(await first).toBe(false);
    expect(look.seen).toMatchObject({ host: "new" });
  });
});
