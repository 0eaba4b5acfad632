// The leases of the wallet that is signed in: the newest page, asked for again and again, and the
// older ones that somebody wanted. Another wallet starts from nothing.
import { get, Problem, type Lease, type Schemas } from "../../lib/api.ts";
import { forgetToken } from "../../wallet/wallet.svelte.ts";

const AGAIN_MS = 10_000;
const PAGE = "50";

export class LeaseList {
  next = $state<string | undefined>();
  isKnown = $state(false);
  isAskingOlder = $state(false);
  failed = $state.raw<unknown>();
  private newest = $state.raw<readonly Lease[]>([]);
  private older = $state.raw<readonly Lease[]>([]);
  private token: string | undefined;

  get all(): readonly Lease[] {
    const isNew = new Set(this.newest.map((one) => one.lease));
    return [...this.newest, ...this.older.filter((one) => !isNew.has(one.lease))];
  }

  // For use in an $effect.
  start(token: string): () => void {
    this.token = token;
    this.newest = this.older = [];
    this.next = this.failed = undefined;
    this.isKnown = this.isAskingOlder = false;
    void this.refresh();
    const timer = setInterval(() => void this.refresh(), AGAIN_MS);
    return () => {
      clearInterval(timer);
      this.token = undefined;
    };
  }

  async refresh(): Promise<void> {
    const page = await this.ask(undefined);
    if (!page) return;
    this.newest = page.leases;
    if (this.older.length === 0) this.next = page.next;
    this.isKnown = true;
  }

  async askOlder(): Promise<void> {
    if (this.isAskingOlder || this.next === undefined) return;
    const asking = this.token;
    this.isAskingOlder = true;
    const page = await this.ask(this.next);
    if (asking !== this.token) return; // another wallet's list by now
    this.isAskingOlder = false;
    if (!page) return;
    this.older = [...this.older, ...page.leases];
    this.next = page.next;
  }

  // Undefined: it failed, or the wallet is another one meanwhile.
  private async ask(cursor: string | undefined): Promise<Schemas["LeaseList"] | undefined> {
    const token = this.token;
    if (token === undefined) return undefined;
    try {
      const query = { limit: PAGE, cursor };
      const page = await get<Schemas["LeaseList"]>("/v1/leases", { token, query });
      if (token !== this.token) return undefined;
      this.failed = undefined;
      return page;
    } catch (error) {
      if (token !== this.token) return undefined;
      if (error instanceof Problem && error.status === 401) forgetToken();
      else this.failed = error;
      return undefined;
    }
  }
}
