// One session's memory over its connections: which it is, how much of it was seen, and when to try
// again. Nothing is missing and nothing comes twice, since each connection says where the last one
// ended. Pure: times come in as numbers.
import { type Begin, isSession, type Size } from "./messages.ts";

const PAUSES_MS = [300, 1_000, 2_000, 4_000, 8_000, 15_000, 30_000] as const;
const TERM = "xterm-256color";

export class Conversation {
  private seen = 0n; // the number of the first byte that was not
  private replayLeft = 0;
  private losses = 0;
  private attempts = 0;
  isThere = false;

  // `session`: one that runs already, whose screen is to be drawn anew.
  constructor(public session = "") {
    if (!isSession(session)) this.session = "";
  }

  // The query of the opening request. Half a screen is no screen: then all of it is asked for.
  query({ columns, rows }: Size): string {
    const words = `columns=${columns}&rows=${rows}&term=${TERM}`;
    if (this.session === "") return words;
    const from = this.replayLeft === 0 ? this.seen : 0n;
    return `${words}&session=${this.session}&from=${from}`;
  }

  begin(said: Begin): void {
    this.session = said.session;
    this.seen = said.offset;
    this.replayLeft = said.replayBytes;
    this.losses = 0;
    this.isThere = true;
  }

  // So many bytes came; those that draw a fresh screen are not counted.
  took(count: number): void {
    const replayed = Math.min(this.replayLeft, count);
    this.replayLeft -= replayed;
    this.seen += BigInt(count - replayed);
  }

  // The connection is gone; in how many milliseconds the next is tried.
  lost(): number {
    this.isThere = false;
    return PAUSES_MS[Math.min(this.losses++, PAUSES_MS.length - 1)] ?? 30_000;
  }

  // Each attempt asks the next gateway.
  next<T>(ways: readonly T[]): T | undefined {
    return ways[this.attempts++ % Math.max(1, ways.length)];
  }

  get offset(): bigint {
    return this.seen;
  }
}
