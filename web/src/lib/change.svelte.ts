// A stop, an extend or a claim, from the click until it is known what came of it. Once the wallet
// has signed it may land, whatever the market says or does not say: what is looked at alone tells.

export type Step =
  | "idle"
  | "check" // nothing is signed yet
  | "chain" // the market has taken it
  | "silent" // nobody says whether it was taken
  | "late"; // it can land no more, and nothing could be looked at since

// A transaction names a block, and can land in the 150 after it: a minute, or a minute and a half
// where the chain is slow.
const LIFE_MS = 90_000;
const LOOK_MS = 1_000;

export interface Looked<T> {
  seen: T | undefined;
  refresh: () => Promise<boolean>; // false: no answer
  isOpen: boolean; // false: the page has gone elsewhere
}
type Send = (onSilent: () => void) => Promise<boolean>;

export class Change {
  step = $state<Step>("idle");
  failed = $state.raw<unknown>();
  isUnseen = $state(false); // the last one can land no more, and nothing shows it

  // True: it shows.
  async run<T>(live: Looked<T>, send: Send, isDone: (seen: T) => boolean): Promise<boolean> {
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

  // Looks until it shows, or an answer from after its life does not show it.
  private async see<T>(live: Looked<T>, isDone: (seen: T) => boolean): Promise<boolean> {
    const overMs = Date.now() + LIFE_MS;
    while (live.isOpen) {
      const isOver = Date.now() >= overMs;
      const isFresh = await live.refresh();
      if (live.seen !== undefined && isDone(live.seen)) return true;
      if (isOver && isFresh) return false;
      if (isOver) this.step = "late";
      await new Promise((done) => setTimeout(done, LOOK_MS));
    }
    return false;
  }
}
