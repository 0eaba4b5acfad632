// Server-sent events over fetch: a stream of a lease wants the session's token, and the browser's
// own EventSource sends no header. It connects again by itself, from the last event it saw.
import { send, type Ask } from "./api.ts";

export interface StreamEvent {
  id: string;
  name: string; // "message" where the stream gives none
  data: string;
}

// Splits a stream's text into events; whatever is cut stays for the next piece.
export class EventReader {
  private rest = "";
  take(piece: string): StreamEvent[] {
    const parts = (this.rest + piece).replaceAll("\r\n", "\n").split("\n\n");
    this.rest = parts.pop() ?? "";
    return parts.map(readEvent).filter((event) => event.data !== "");
  }
}

function readEvent(text: string): StreamEvent {
  const event: StreamEvent = { id: "", name: "message", data: "" };
  const data: string[] = [];
  for (const line of text.split("\n")) {
    const colon = line.indexOf(":");
    if (colon <= 0) continue; // a comment, or nothing
    const value = line.slice(colon + 1).replace(/^ /, "");
    const field = line.slice(0, colon);
    if (field === "id") event.id = value;
    if (field === "event") event.name = value;
    if (field === "data") data.push(value);
  }
  event.data = data.join("\n");
  return event;
}

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;
// The market sends a beat every 15 s. A connection that is cut somewhere on the way may never end
// by itself: three beats missed, and another is made.
const SILENCE_MS = 45_000;

export interface Follow extends Ask {
  onEvent: (event: StreamEvent) => void;
  onState?: (isConnected: boolean) => void;
}

// Follows until the signal ends it. Never throws: a stream that is refused is asked for again.
export async function follow(path: string, signal: AbortSignal, want: Follow): Promise<void> {
  let last = "";
  let waitMs = FIRST_WAIT_MS;
  while (!signal.aborted) {
    const quiet = new AbortController();
    let timer = setTimeout(() => quiet.abort(), SILENCE_MS);
    try {
      const headers = { Accept: "text/event-stream", ...(last ? { "Last-Event-ID": last } : {}) };
      const ends = AbortSignal.any([signal, quiet.signal]);
      const response = await send(path, { ...want, headers, signal: ends }, 0);
      want.onState?.(true);
      const reader = new EventReader();
      const stream = response.body?.pipeThrough(new TextDecoderStream()).getReader();
      for (let piece = await stream?.read(); piece && !piece.done; piece = await stream?.read()) {
        clearTimeout(timer);
        timer = setTimeout(() => quiet.abort(), SILENCE_MS);
        waitMs = FIRST_WAIT_MS;
        for (const event of reader.take(piece.value)) {
          if (event.id !== "") last = event.id;
          want.onEvent(event);
        }
      }
    } catch {
      // Told by onState; the next try may work.
    }
    clearTimeout(timer);
    if (signal.aborted) return;
    want.onState?.(false);
    await new Promise((done) => setTimeout(done, waitMs));
    waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
  }
}
