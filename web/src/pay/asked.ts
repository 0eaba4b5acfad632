// What a click on the price means: the quote on the screen with its amounts, the offer beside it,
// and every choice. The checks hold what the market sends afterwards to exactly this.
import type { Offer, Quote } from "../lib/api.ts";
import type { Asked } from "./check_quote.ts";
import type { Choices } from "./choices.ts";

export function askedOf(
  shown: Quote,
  offer: Offer,
  choices: Choices,
  renter: string,
  keyFingerprint: string,
): Asked {
  return {
    quote: shown.id,
    lease: shown.lease,
    breakdown: { ...shown.breakdown },
    renter,
    offer: offer.id,
    card: offer.card,
    host: offer.host,
    simulated: offer.simulated,
    count: choices.count,
    seconds: choices.seconds,
    maxSeconds: choices.maxSeconds,
    diskBytes: choices.diskBytes,
    template: choices.template,
    image: choices.template === undefined ? choices.image : undefined,
    keyFingerprint,
  };
}
