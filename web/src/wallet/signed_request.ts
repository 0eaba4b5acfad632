// A request that carries the wallet's own signature of it (docs/api.md): what the host of a lease
// believes, where a session's token is not enough. Each one asks the wallet anew.
import { part } from "../frame/part.ts";
import { pathOf, Problem, problemOf, type Ask } from "../lib/api.ts";
import { askMarket } from "../lib/market.svelte.ts";

export interface Signable {
  method: "GET" | "POST";
  path: string; // with its query, as it is sent
  host: string;
  market: string;
  bodyHash: string;
  atMs: number;
  nonce: string;
}

export function textToSign(one: Signable): string {
  return [
    "OBELISKR",
    one.method,
    one.path,
    one.host,
    one.market,
    one.bodyHash,
    String(one.atMs),
    one.nonce,
  ].join("\n");
}

const hex = (bytes: Uint8Array) =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

// How far the market's clock is ahead of this one: told with a 401, and used from then on.
let aheadMs = 0;

export async function getSigned<T>(path: string, query: Ask["query"] = {}): Promise<T> {
  const [{ address, signMessage }, { encodeBase58 }, info] = await Promise.all([
    part(import("./wallet.svelte.ts")),
    part(import("./base58.ts")),
    askMarket(),
  ]);
  const whole = pathOf(path, query);
  const nothing = new Uint8Array(await crypto.subtle.digest("SHA-256", new Uint8Array()));
  const atMs = Date.now() + aheadMs;
  const nonce = hex(crypto.getRandomValues(new Uint8Array(16)));
  const text = textToSign({
    method: "GET",
    path: whole,
    host: location.host,
    market: info.market,
    bodyHash: hex(nothing),
    atMs,
    nonce,
  });
  const signature = encodeBase58(await signMessage(new TextEncoder().encode(text)));
  const own =
    `Obelisk-Signature key="${address() ?? ""}", at="${atMs}",` +
    ` nonce="${nonce}", signature="${signature}"`;
  const response = await fetch(whole, {
    headers: { Authorization: own },
    credentials: "omit",
    signal: AbortSignal.timeout(20_000),
  }).catch(() => {
    throw new Problem("unreachable", "The market does not answer.", "Try again.", 0n, 0);
  });
  if (!response.ok) {
    const theirs = Number(response.headers.get("Obelisk-Time"));
    if (response.status === 401 && theirs > 0) aheadMs = theirs - Date.now();
    throw await problemOf(response);
  }
  return (await response.json()) as T;
}
