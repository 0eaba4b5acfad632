// The cards as the first screen shows them. Pure.
import type { Card } from "../../lib/api.ts";

export interface Groups {
  free: Card[]; // the cheapest first; what is no card after all cards
  taken: Card[]; // in the catalogue's order
  parts: Card[]; // instances of cut cards that nobody offers now
}

// A machine without a card: it is rented like one, and is none.
function isPlain(card: Card): boolean {
  return card.memory_bytes === 0;
}

export function groupsOf(cards: readonly Card[]): Groups {
  const priceOf = (card: Card) => card.from_micro_usd_per_hour ?? Infinity;
  const free = cards
    .filter((card) => card.available > 0)
    .sort((a, b) => Number(isPlain(a)) - Number(isPlain(b)) || priceOf(a) - priceOf(b));
  const rest = cards.filter((card) => card.available === 0);
  return {
    free,
    taken: rest.filter((card) => !card.id.startsWith("mig-")),
    parts: rest.filter((card) => card.id.startsWith("mig-")),
  };
}

// Chain seconds at which the first of its cards may be free again. Undefined: one is free, or
// nobody knows.
export function busyUntilOf(card: Card): number | undefined {
  return card.available > 0 ? undefined : card.busy_until_s || undefined;
}

// Which history is shown of it: simulated cards of a local network have one of their own, and there
// a card that is rented is most likely one of these.
export function isOfSimulated(card: Card, isLocal: boolean): boolean {
  return (
    card.from_simulated ?? ((card.available_simulated ?? 0) > 0 || (isLocal && !isPlain(card)))
  );
}

// How many are free in all, how many of these do not exist, and the cheapest of all.
export function overall(cards: readonly Card[]): {
  free: number;
  simulated: number;
  fromMicroUsd: number | undefined;
} {
  let free = 0;
  let simulated = 0;
  let fromMicroUsd: number | undefined;
  for (const card of cards) {
    if (isPlain(card)) continue;
    free += card.available;
    simulated += card.available_simulated ?? 0;
    const price = card.from_micro_usd_per_hour;
    if (price !== undefined && price < (fromMicroUsd ?? Infinity)) fromMicroUsd = price;
  }
  return { free, simulated, fromMicroUsd };
}
