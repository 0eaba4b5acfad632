// The page does not believe the market: a quote is held to its own signed text, to what the visitor
// chose and to what the market says of its account, before a wallet sees its transaction. The same
// list as src/apps/cli/verify_quote.cpp; what differs is that the page has no node of its own, so
// the market's account is as GET /v1/market shows it.
import { findLease, findMarket, type OpenInput } from "@obelisk/client";
import { getAddressEncoder, getBase58Encoder, type Address } from "@solana/kit";
import type { MarketInfo, Quote } from "../lib/api.ts";
import { demand } from "./refusal.ts";
import { readTerms, type Terms } from "./terms.ts";

// What was on the screen when it was clicked. A quote is good for nothing else, whatever the market
// makes of its number afterwards.
export interface Asked {
  quote: string; // its id
  lease: string;
  breakdown: Quote["breakdown"]; // with the total that stands on the button
  renter: string;
  offer: string;
  card: string;
  host: string;
  simulated: boolean;
  count: number;
  seconds: number;
  maxSeconds?: number | undefined;
  diskBytes?: number | undefined;
  image?: string | undefined;
  template?: string | undefined;
  keyFingerprint: string; // "SHA256:…"
}

export interface CheckedQuote {
  terms: Terms;
  open: OpenInput; // what the transaction has to do, and nothing else
}

const QUOTE_MARK = new TextEncoder().encode("OBELISKQ");

export async function checkQuote(
  quote: Quote,
  asked: Asked,
  market: MarketInfo,
  chainNow: number,
): Promise<CheckedQuote> {
  const terms = readTerms(quote.terms);
  const text = new TextEncoder().encode(quote.terms);
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", text));
  const hex = Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
  demand(quote.id === hex, "hash");
  const message = new Uint8Array([...QUOTE_MARK, ...hash]);
  demand(await isSignedBy(terms.attestor, quote.signature, message), "signature");
  demand(quote.id === asked.quote, "asked", "id");
  isWhatWasAsked(terms, asked);
  await isTheMarkets(terms, market, chainNow);
  const program = terms.program as Address;
  const nonce = BigInt(terms.nonce);
  const [lease, bump] = await findLease(program, terms.renter as Address, nonce);
  demand(quote.lease === lease && asked.lease === lease, "lease");
  isWhatIsShown(quote, terms);
  return {
    terms,
    open: {
      program,
      renter: terms.renter as Address,
      lease,
      host: terms.host as Address,
      market: terms.market as Address,
      bump,
      nonce,
      marketRev: terms.market_rev,
      expiresAt: terms.expires_at,
      rate: BigInt(terms.lamports_per_hour),
      seconds: terms.seconds,
      maxSeconds: terms.max_seconds,
      termsHash: hash,
    },
  };
}

// False for whatever is no signature or no key.
export async function isSignedBy(
  signer: string,
  signature: string | Uint8Array,
  message: Uint8Array<ArrayBuffer>,
): Promise<boolean> {
  try {
    const bytes = typeof signature === "string" ? getBase58Encoder().encode(signature) : signature;
    const raw = new Uint8Array(getAddressEncoder().encode(signer as Address));
    const key = await crypto.subtle.importKey("raw", raw, "Ed25519", false, ["verify"]);
    return await crypto.subtle.verify("Ed25519", key, new Uint8Array(bytes), message);
  } catch {
    return false;
  }
}

function isWhatWasAsked(terms: Terms, asked: Asked): void {
  demand(terms.renter === asked.renter, "asked", "renter");
  demand(terms.ssh_key === asked.keyFingerprint, "asked", "ssh_key");
  demand(terms.offer === asked.offer, "asked", "offer");
  demand(terms.card === asked.card, "asked", "card");
  demand(terms.host === asked.host, "asked", "host");
  demand(terms.simulated === asked.simulated, "asked", "simulated");
  demand(terms.cards.length === asked.count, "asked", "count");
  demand(terms.seconds === asked.seconds, "asked", "seconds");
  demand([undefined, terms.max_seconds].includes(asked.maxSeconds), "asked", "max_seconds");
  demand(terms.disk_bytes >= (asked.diskBytes ?? 0), "asked", "disk_bytes");
  demand([undefined, terms.image].includes(asked.image), "asked", "image");
  demand(terms.template === asked.template, "asked", "template");
  for (const [part, signed] of Object.entries(terms.debit)) {
    demand(asked.breakdown[part as keyof Terms["debit"]] === signed, "asked", part);
  }
}

async function isTheMarkets(terms: Terms, market: MarketInfo, chainNow: number): Promise<void> {
  demand(terms.program === market.program, "program");
  demand(terms.market === market.market, "account");
  const [account] = await findMarket(market.program as Address, market.operator as Address);
  demand(account === terms.market, "account");
  demand(terms.attestor === market.attestor, "attestor");
  // The operator may have changed its terms a moment ago: then a new quote will do.
  demand(terms.market_rev === market.market_rev, "revision");
  demand(terms.fee_bps === market.fee_bps, "fee");
  demand(!market.paused, "paused");
  demand(terms.renter !== market.treasury && terms.host !== market.treasury, "account");
  demand(chainNow <= terms.expires_at, "expired");
}

// Each pair is one promise made twice: in what is shown and in what is signed.
function isWhatIsShown(quote: Quote, terms: Terms): void {
  const pairs: [string, unknown, unknown][] = [
    ["attestor", quote.attestor, terms.attestor],
    ["program", quote.program, terms.program],
    ["market", quote.market, terms.market],
    ["market_rev", quote.market_rev, terms.market_rev],
    ["renter", quote.renter, terms.renter],
    ["host", quote.host, terms.host],
    ["nonce", quote.nonce, terms.nonce],
    ["seconds", quote.seconds, terms.seconds],
    ["max_seconds", quote.max_seconds, terms.max_seconds],
    ["lamports_per_hour", quote.lamports_per_hour, terms.lamports_per_hour],
    ["fee_bps", quote.fee_bps, terms.fee_bps],
    ["count", quote.count, terms.cards.length],
    ["disk_bytes", quote.disk_bytes, terms.disk_bytes],
    ["image", quote.image ?? terms.image, terms.image],
    ["template", quote.template ?? "", terms.template ?? ""],
    ["expires_at_s", quote.expires_at_s, terms.expires_at],
    ["offer", quote.offer.id, terms.offer],
    ["card", quote.offer.card, terms.card],
    ["simulated", quote.offer.simulated, terms.simulated],
    ["sol_price", quote.sol_price.micro_usd_per_sol, terms.sol_price.micro_usd_per_sol],
    ["source", quote.sol_price.source, terms.sol_price.source],
  ];
  for (const [name, shown, signed] of pairs) demand(shown === signed, "shown", name);
  for (const [part, signed] of Object.entries(terms.debit)) {
    demand(quote.breakdown[part as keyof Terms["debit"]] === signed, "shown", part);
  }
}
