// The offers of one search as they are now: read once, then followed over the market's stream.
import { get, Problem, type Offer, type Schemas } from "../api.ts";
import { follow } from "../events.ts";
import { compare } from "./order.ts";

export interface Live {
  readonly offers: readonly Offer[];
  readonly total: number; // how many match, also beyond those that are here
  readonly isRead: boolean;
  readonly isConnected: boolean;
  readonly error: unknown;
}

// The stream follows the first hundred; a page of the list is as long.
const SHOWN = 100;

// What a stream says, put together. A snapshot replaces all at once, so that nothing blinks.
export class Followed {
  private byId = new Map<string, Offer>();
  private coming: Map<string, Offer> | undefined;
  private awaited = 0;

  constructor(offers: readonly Offer[] = []) {
    for (const offer of offers) this.byId.set(offer.id, offer);
  }

  // True: what offers() gives has changed.
  take(event: Schemas["OfferEvent"]): boolean {
    if (event.kind === "snapshot") {
      this.awaited = event.count ?? 0;
      this.coming = new Map();
      return this.settle();
    }
    if (event.kind === "offer" && event.offer) {
      (this.coming ?? this.byId).set(event.offer.id, event.offer);
      return this.coming ? this.settle() : true;
    }
    if (event.kind === "gone" && event.id !== undefined) {
      if (!this.coming) return this.byId.delete(event.id);
      this.awaited -= 1;
      this.coming.delete(event.id);
      return this.settle();
    }
    return false;
  }

  offers(): Offer[] {
    return [...this.byId.values()];
  }

  private settle(): boolean {
    if (!this.coming || this.coming.size < this.awaited) return false;
    this.byId = this.coming;
    this.coming = undefined;
    return true;
  }
}

// Follows until the signal ends it. For use in an $effect: what it returns is read by a template.
export function followOffers(q: string, sort: string, signal: AbortSignal): Live {
  let offers = $state.raw<readonly Offer[]>([]);
  let total = $state(0);
  let isRead = $state(false);
  let isConnected = $state(false);
  let error = $state.raw<unknown>();
  const order = compare(sort);
  const query = { q, sort };

  async function run(): Promise<void> {
    let kept: Followed;
    try {
      const first = await get<Schemas["OfferList"]>("/v1/offers", {
        query: { ...query, limit: String(SHOWN) },
        signal,
      });
      kept = new Followed(first.offers);
      offers = kept.offers(); // each once
      total = first.total;
      isRead = true;
      isConnected = true;
    } catch (problem) {
      if (!signal.aborted) error = problem;
      return;
    }
    const onEvent = ({ data }: { data: string }) => {
      const before = offers.length;
      if (!kept.take(readEvent(data))) return;
      offers = kept.offers().sort(order);
      total = Math.max(offers.length, total + offers.length - before);
    };
    const onState = (state: boolean) => {
      isConnected = state;
    };
    // A stream takes one of the six connections that a browser has for a market. So a tab that
    // nobody sees gives it back; the snapshot at its beginning makes good for what was missed.
    let stream: AbortController | undefined;
    const look = () => {
      if (document.hidden) stream?.abort();
      else if (!stream || stream.signal.aborted) {
        stream = new AbortController();
        void follow("/v1/offers/events", stream.signal, { query, onEvent, onState });
      }
    };
    document.addEventListener("visibilitychange", look);
    signal.addEventListener("abort", () => {
      document.removeEventListener("visibilitychange", look);
      stream?.abort();
    });
    if (!signal.aborted) look();
  }
  void run();
  return {
    get offers() {
      return offers;
    },
    get total() {
      return total;
    },
    get isRead() {
      return isRead;
    },
    get isConnected() {
      return isConnected;
    },
    get error() {
      return error;
    },
  };
}

export function readEvent(data: string): Schemas["OfferEvent"] {
  try {
    const event = JSON.parse(data) as Schemas["OfferEvent"] | null;
    if (event && typeof event.kind === "string") return event;
  } catch {
    // What cannot be read changes nothing.
  }
  return { kind: "" };
}

export function isBadQuery(error: unknown): boolean {
  return error instanceof Problem && error.status === 422;
}
