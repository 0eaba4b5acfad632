// A stop or an extend, from the click until it is known what came of it. Once the wallet has signed
// it may land, whatever the market says or does not say: the lease alone tells.
import type { Lease } from "../../lib/api.ts";

export type Step =
  | "idle"
  | "check" // nothing is signed yet
  | "chain" // the market has taken it
  | "silent" // nobody says whether it was taken
  | "late"; // it can land no more, and the lease could not be looked at since

// A transaction names a block, and can land in the 150 after it: a minute, or a minute and a half
// where the chain is slow.
const LIFE_MS = 90_000;
const LOOK_MS = 1_000;

export interface Looked {
  lease: Lease | undefined;
  refresh: () => Promise<boolean>; // false: no answer
  isOpen: boolean; // false: the page has gone elsewhere
}
type Send = (onSilent: () => void) => Promise<boolean>;

export class Change {
  step = $state<Step>("idle");
  failed = $state.raw<unknown>();
  isUnseen = $state(false); // the last one can land no more, and the lease does not show it

  // True: the lease shows it.
  async run(live: Looked, send: Send, isDone: (lease: Lease) => boolean): Promise<boolean> {
    if (this.step !== "idle") return false;
    this.failed = undefined;
    this.isUnseen = false;
    this.step = "check";
    try {
      const isTaken = await send(() => {
        this.step = "silent";
      });
      this.step = isTaken ? "chain" : "silent";
    } catch (error) {
      this.failed = error;
      this.step = "idle";
      return false;
    }
    const isSeen = await this.see(live, isDone);
    this.isUnseen = !isSeen;
    this.step = "idle";
    return isSeen;
  }

  // Looks until the lease shows it, or an answer from after its life does not.
  private async see(live: Looked, isDone: (lease: Lease) => boolean): Promise<boolean> {
    const overMs = Date.now() + LIFE_MS;
    while (live.isOpen) {
      const isOver = Date.now() >= overMs;
      const isFresh = await live.refresh();
      if (live.lease && isDone(live.lease)) return true;
      if (isOver && isFresh) return false;
      if (isOver) this.step = "late";
      await new Promise((done) => setTimeout(done, LOOK_MS));
    }
    return false;
  }
}
