import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { follow, type StreamEvent } from "./events.ts";

interface Connection {
  headers: Record<string, string>;
  say: (text: string) => void;
}
let connections: Connection[] = [];

// A body that says what it is told to, and breaks off as fetch's does when its signal ends it.
function answer(_: string, request: RequestInit): Promise<Response> {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      connections.push({
        headers: request.headers as Record<string, string>,
        say: (text) => controller.enqueue(new TextEncoder().encode(text)),
      });
      request.signal?.addEventListener("abort", () => controller.error(new Error("ended")));
    },
  });
  return Promise.resolve(new Response(body));
}

beforeEach(() => {
  connections = [];
  vi.useFakeTimers();
  vi.stubGlobal("fetch", answer);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it("makes a stream anew that has been silent for three beats, from where it was", async () => {
  const events: StreamEvent[] = [];
  const states: boolean[] = [];
  const end = new AbortController();
  const done = follow("/v1/events", end.signal, {
    onEvent: (event) => events.push(event),
    onState: (is) => states.push(is),
  });
  await vi.advanceTimersByTimeAsync(0);
  connections[0]?.say("id: 7\ndata: one\n\n");
  for (let i = 0; i < 8; ++i) {
    await vi.advanceTimersByTimeAsync(15_000);
    connections[0]?.say(":\n\n"); // a beat
  }
  expect(connections).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(44_000);
  expect(states).toEqual([true]);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(connections).toHaveLength(2);
  expect(connections[1]?.headers["Last-Event-ID"]).toBe("7");
  expect(states).toEqual([true, false, true]);
  expect(events.map((event) => event.data)).toEqual(["one"]);
  end.abort();
  await done;
  expect(vi.getTimerCount()).toBe(0);
});

it("gives up a connection that nobody answers", async () => {
  let asked = 0;
  vi.stubGlobal("fetch", (_: string, request: RequestInit) => {
    asked += 1;
    return new Promise((_, fail) => {
      request.signal?.addEventListener("abort", () => fail(new Error("ended")));
    });
  });
  const end = new AbortController();
  const done = follow("/v1/events", end.signal, { onEvent: () => {} });
  await vi.advanceTimersByTimeAsync(46_000);
  expect(asked).toBe(2);
  end.abort();
  await done;
});
