// The one text that signing in is (src/core/identity/sign_in.cpp): written here from its parts, for
// the address that this page was loaded from. A wallet's signature of anything else may be a pass
// for a machine or an order to its host, so what the market sends is compared and never signed.
import type { Schemas } from "../lib/api.ts";

export type Challenge = Schemas["Challenge"];

// What this page knows by itself.
export interface Ours {
  host: string; // location.host
  origin: string; // location.origin
  wallet: string;
  market: string; // the market's account
}

const LIFE_MS = 300_000;

// Undefined: the market wants something else signed.
export function signInText(challenge: Challenge, ours: Ours): string | undefined {
  const text = textOf(challenge, ours);
  return text === challenge.message ? text : undefined;
}

// The text from its parts; undefined where one of them could not stand in it.
export function textOf(
  { nonce, issued_at }: Pick<Challenge, "nonce" | "issued_at">,
  ours: Ours,
): string | undefined {
  const issuedMs = Date.parse(issued_at);
  // Each is one word on its own line: nothing of the market's can begin another line.
  if (!/^[0-9A-Za-z]{8,128}$/.test(nonce) || Number.isNaN(issuedMs)) return undefined;
  const timeText = (ms: number) => new Date(ms).toISOString().replace(".000Z", "Z");
  return [
    `${ours.host} wants you to sign in with your Solana account:`,
    ours.wallet,
    "",
    "Sign in to OBELISK. This moves no money and lets nobody move any.",
    "",
    `URI: ${ours.origin}`,
    "Version: 1",
    `Nonce: ${nonce}`,
    `Issued At: ${timeText(issuedMs)}`,
    `Expiration Time: ${timeText(issuedMs + LIFE_MS)}`,
    "Resources:",
    `- urn:obelisk:market:${ours.market}`,
  ].join("\n");
}
