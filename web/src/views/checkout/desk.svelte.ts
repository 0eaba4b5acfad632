// The signed price that is held for this visitor: asked for once the wallet and every choice are
// known, renewed while somebody looks, given up as soon as it is not wanted. A held quote holds
// cards, so an unattended page stops asking.
import { get, post, Problem, send, type Quote } from "../../lib/api.ts";
import type { QuoteBody } from "../../pay/choices.ts";

export type Want = QuoteBody & { renter: string };

const SETTLE_MS = 400; // of typing, before a quote is asked for
const LIFE_MS = 60_000;
const BEFORE_END_MS = 3_000;
const LEAST_LIFE_MS = 5_000;
const MOST_RENEWALS = 10; // without anything being touched
const OWN_HOLD_MS = 6_000; // an old quote of ours may hold the cards so much past its end
const RETRY_MS = 2_000;
const KEPT = "obelisk-quote";

export class QuoteDesk {
  quote = $state.raw<Quote | undefined>();
  error = $state.raw<unknown>();
  isAsking = $state(false);
  isResting = $state(false); // nobody was here for ten minutes
  endsAtMs = $state(0);
  isPaying = $state(false); // the wallet is open

  #want: Want | undefined;
  #renewals = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #turn = 0; // an answer to an older question is given up
  #later: { next: Want | undefined } | undefined; // wanted while somebody paid

  // The same again changes nothing; something else gives up what is held. While the wallet is open
  // it waits: what is being signed must not be taken back.
  want(next: Want | undefined): void {
    if (this.isPaying) {
      this.#later = { next };
      return;
    }
    if (JSON.stringify(next) === JSON.stringify(this.#want)) return;
    this.#want = next;
    this.#renewals = 0;
    this.isResting = false;
    ++this.#turn;
    this.#giveUp();
    this.error = undefined;
    this.isAsking = next !== undefined;
    clearTimeout(this.#timer);
    if (next) this.#timer = setTimeout(() => void this.#ask(), SETTLE_MS);
  }

  // By a click, after an error or a rest.
  again(): void {
    if (this.isPaying) return;
    this.#renewals = 0;
    this.isResting = false;
    clearTimeout(this.#timer);
    void this.#ask();
  }

  // While the wallet is open nothing is renewed: what is asked to be signed has to stay.
  hold(isPaying: boolean): void {
    this.isPaying = isPaying;
    if (isPaying) return;
    const later = this.#later;
    this.#later = undefined;
    if (this.quote) this.#renewAt(this.endsAtMs);
    if (later) this.want(later.next);
  }

  // It was paid: it is nobody's to give up any more.
  paid(): void {
    clearTimeout(this.#timer);
    ++this.#turn;
    this.quote = undefined;
    this.#want = undefined;
    this.#later = undefined;
    keep(undefined);
  }

  end(): void {
    this.want(undefined);
  }

  // The page goes away: the request outlives it.
  leave = (): void => {
    if (!this.quote || this.isPaying) return;
    const path = `/v1/quotes/${encodeURIComponent(this.quote.id)}`;
    void fetch(path, { method: "DELETE", keepalive: true, credentials: "omit" });
    this.quote = undefined;
    this.endsAtMs = 0;
  };

  // The page came back, or somebody looks at it again.
  look = (): void => {
    const isOver = this.endsAtMs - Date.now() < BEFORE_END_MS;
    if (this.#want && !document.hidden && !this.isPaying && !this.isAsking && isOver) this.again();
  };

  async #ask(): Promise<void> {
    const want = this.#want;
    if (!want) return;
    const turn = ++this.#turn;
    this.isAsking = true;
    try {
      await this.#giveUp();
      const quote = await post<Quote>("/v1/quotes", want);
      if (turn !== this.#turn) {
        void giveUp(quote.id);
        return;
      }
      this.quote = quote;
      this.error = undefined;
      keep(quote.id);
      this.#renewAt((this.endsAtMs = endOf(quote)));
      this.isAsking = false;
    } catch (error) {
      if (turn !== this.#turn) return;
      // A last card that our own quote still holds looks as if it were gone.
      if (isGone(error) && Date.now() < this.endsAtMs + OWN_HOLD_MS) {
        this.#timer = setTimeout(() => void this.#ask(), RETRY_MS);
        return;
      }
      this.error = error;
      this.isAsking = false;
    }
  }

  #renewAt(endsAtMs: number): void {
    clearTimeout(this.#timer);
    const wait = Math.max(0, endsAtMs - BEFORE_END_MS - Date.now());
    this.#timer = setTimeout(() => {
      if (this.isPaying || document.hidden) return; // look() goes on
      if (++this.#renewals > MOST_RENEWALS) {
        this.isResting = true;
        void this.#giveUp();
      } else void this.#ask();
    }, wait);
  }

  async #giveUp(): Promise<void> {
    const held = this.quote;
    this.quote = undefined;
    keep(undefined);
    if (held) await giveUp(held.id);
  }
}

// Its end is chain time, and this machine's clock may be another: never longer than a quote lives,
// and never so short that asking would not end.
function endOf(quote: Quote): number {
  const left = quote.expires_at_s * 1_000 - Date.now();
  const isLikely = left > LEAST_LIFE_MS && left < LIFE_MS;
  return Date.now() + (isLikely ? left : LIFE_MS);
}

// One that cannot be given up ends by itself within the minute.
async function giveUp(id: string): Promise<void> {
  try {
    await send(`/v1/quotes/${encodeURIComponent(id)}`, { method: "DELETE" }, 5_000);
  } catch {
    // As said above.
  }
}

function keep(id: string | undefined): void {
  try {
    if (id === undefined) sessionStorage.removeItem(KEPT);
    else sessionStorage.setItem(KEPT, id);
  } catch {
    // A private window may keep nothing.
  }
}

// After a reload: an offer's last card may be held by the visitor's own quote, and the list of
// offers then lacks it. The quote still knows the offer.
export async function heldQuote(offer: string): Promise<Quote | undefined> {
  try {
    const id = sessionStorage.getItem(KEPT);
    if (id === null || !/^[0-9a-f]{64}$/.test(id)) return undefined;
    const quote = await get<Quote>(`/v1/quotes/${id}`);
    return quote.offer.id === offer ? quote : undefined;
  } catch {
    return undefined;
  }
}

// What says that nothing of the kind can be had here any more.
export function isGone(error: unknown): boolean {
  return error instanceof Problem && ["not_found", "conflict"].includes(error.code);
}
