// A host's ended leases, read whole once, and again from the top when one that ran is gone.
import { readOutcomes } from "../../lib/outcomes/read.ts";
import type { Ended } from "../../lib/outcomes/outcomes.ts";
import { amountOf, merged } from "./host.ts";

export const PAGES = 10;
// An ended lease goes from the one list to the other; the answers may be of two moments, and what
// it paid may be read last.
const PAUSES_MS = [1_000, 3_000, 8_000, 20_000];

export class EndedLeases {
  entries = $state.raw<readonly Ended[] | undefined>();
  isWhole = $state(true); // false: there are older ones that were not read
  problem = $state.raw<unknown>();
  private running: readonly string[] = [];

  constructor(
    private readonly host: string,
    private readonly signal: AbortSignal,
  ) {}

  async readAll(): Promise<void> {
    this.problem = undefined;
    try {
      const read = await readOutcomes(PAGES, this.signal, this.host);
      this.entries = merged(read.entries, this.entries ?? []);
      this.isWhole = read.isWhole;
    } catch (problem) {
      if (!this.signal.aborted) this.problem = problem;
    }
  }

  // The leases that run now: what ran before and is not among them has ended.
  follow(running: readonly string[]): void {
    const gone = this.running.filter((lease) => !running.includes(lease));
    this.running = running;
    if (gone.length > 0) void this.readUntil(gone);
  }

  private async readUntil(gone: readonly string[]): Promise<void> {
    for (const pauseMs of PAUSES_MS) {
      await new Promise((done) => setTimeout(done, pauseMs));
      if (this.signal.aborted) return;
      // What fails is tried after the next pause, or read when the page is opened again.
      const read = await readOutcomes(1, this.signal, this.host).catch(() => undefined);
      if (read && this.entries) this.entries = merged(read.entries, this.entries);
      if (gone.every((lease) => this.isRead(lease))) return;
    }
  }

  private isRead(lease: string): boolean {
    const found = this.entries?.find((one) => one.lease === lease);
    return found !== undefined && amountOf(found.host_lamports) !== undefined;
  }
}
