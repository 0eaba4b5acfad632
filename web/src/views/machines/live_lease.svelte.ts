// One lease as it is: asked once, then told by its events. Events carry neither its ways nor the
// signatures of what they tell of, so each makes the lease be asked again.
import { get, Problem, type Lease, type LeaseEvent, type Schemas } from "../../lib/api.ts";
import { follow } from "../../lib/events.ts";
import { forgetToken } from "../../wallet/wallet.svelte.ts";

export type TrailEntry = Schemas["TrailEntry"];

const MOST_ENTRIES = 1000;
const GATHER_MS = 200;

export class LiveLease {
  lease = $state.raw<Lease | undefined>();
  problem = $state.raw<unknown>();
  trail = $state.raw<readonly TrailEntry[]>([]);
  isConnected = $state(true);
  isOpen = false; // somebody looks
  private token: string | undefined;
  private soon: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly address: string) {}

  get seen(): Lease | undefined {
    return this.lease;
  }

  private get path(): string {
    return `/v1/leases/${encodeURIComponent(this.address)}`;
  }

  // For use in an $effect. Without a token, or with another wallet's, what is everybody's is shown.
  start(token: string | undefined): () => void {
    this.token = token;
    this.isOpen = true;
    const end = new AbortController();
    void this.refresh();
    if (token !== undefined) void this.listen(token, end.signal);
    // Without events it is asked for now and then.
    const timer = setInterval(() => void this.refresh(), token === undefined ? 10_000 : 30_000);
    return () => {
      this.isOpen = false;
      end.abort();
      clearInterval(timer);
      clearTimeout(this.soon);
    };
  }

  // False: it got no answer.
  async refresh(): Promise<boolean> {
    try {
      this.lease = await get<Lease>(this.path, { token: this.token });
      this.problem = undefined;
      return true;
    } catch (error) {
      // A token that is no longer taken is no reason not to show what everybody may see.
      const isRefused = error instanceof Problem && error.status === 401 && this.token;
      if (isRefused) {
        this.token = undefined;
        forgetToken();
        return this.refresh();
      }
      this.problem = error;
      return false;
    }
  }

  private async listen(token: string, signal: AbortSignal): Promise<void> {
    const allowed = await this.loadTrail(token, signal);
    if (!allowed || signal.aborted) return;
    await follow(`${this.path}/events`, signal, {
      token,
      onState: (is) => {
        this.isConnected = is;
      },
      onEvent: ({ data }) => {
        const event = readEvent(data);
        if (!event) return;
        const { seq, at, kind, message } = event;
        if (this.trail.some((one) => one.seq === seq)) return;
        this.add([{ seq, at, kind, message }]);
        clearTimeout(this.soon);
        this.soon = setTimeout(() => void this.refresh(), GATHER_MS);
      },
    });
  }

  // False: this wallet may not see it, and would not see the events either.
  private async loadTrail(token: string, signal: AbortSignal): Promise<boolean> {
    let cursor: string | undefined;
    try {
      do {
        const query = { limit: "500", cursor };
        const page = await get<Schemas["Trail"]>(`${this.path}/trail`, { token, query, signal });
        this.add(page.entries);
        cursor = page.next;
      } while (cursor !== undefined && this.trail.length < MOST_ENTRIES);
    } catch (error) {
      return !(error instanceof Problem && (error.status === 403 || error.status === 401));
    }
    return true;
  }

  private add(entries: readonly TrailEntry[]): void {
    const bySeq = new Map(this.trail.map((one) => [one.seq, one]));
    for (const entry of entries) bySeq.set(entry.seq, { ...bySeq.get(entry.seq), ...entry });
    this.trail = [...bySeq.values()].sort((a, b) => a.seq - b.seq).slice(-MOST_ENTRIES);
  }
}

function readEvent(data: string): LeaseEvent | undefined {
  try {
    const event = JSON.parse(data) as LeaseEvent;
    return typeof event.seq === "number" && typeof event.message === "string" ? event : undefined;
  } catch {
    return undefined;
  }
}
