// One host as the market sees it now: asked for again and again while somebody looks.
import { get, Problem } from "../../lib/api.ts";
import type { HostNow } from "./host.ts";

const AGAIN_MS = 5_000;

export class HostLook {
  seen = $state.raw<HostNow | undefined>();
  problem = $state.raw<unknown>(); // of the last time it was asked for
  isUnknown = $state(false); // the market has not heard of it
  isOpen = false; // somebody looks
  private asks = 0;

  constructor(private readonly host: string) {}

  // For use in an $effect.
  start(): () => void {
    this.isOpen = true;
    const look = () => {
      if (!document.hidden) void this.refresh();
    };
    look();
    const timer = setInterval(look, AGAIN_MS);
    document.addEventListener("visibilitychange", look);
    return () => {
      this.isOpen = false;
      clearInterval(timer);
      document.removeEventListener("visibilitychange", look);
    };
  }

  // False: it got no answer. An answer that was overtaken by a later one is not shown any more.
  async refresh(): Promise<boolean> {
    const ask = ++this.asks;
    try {
      const now = await get<HostNow>(`/v1/hosts/${encodeURIComponent(this.host)}`);
      if (ask < this.asks) return false;
      this.seen = now;
      this.problem = undefined;
      this.isUnknown = false;
      return true;
    } catch (error) {
      if (ask < this.asks) return false;
      this.isUnknown = error instanceof Problem && error.status === 404;
      this.problem = error;
      return false;
    }
  }
}
