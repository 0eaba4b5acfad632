// A request that carries the wallet's own signature of it (docs/api.md): what a host believes,
// where a session's token is not enough. Each one asks the wallet anew.
import { part } from "../frame/part.ts";
import { pathOf, Problem, problemOf, type Ask } from "../lib/api.ts";
import { askMarket } from "../lib/market.svelte.ts";

type Method = "GET" | "POST" | "DELETE";

export interface Signable {
  method: Method;
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

interface Own {
  query?: Ask["query"];
  body?: unknown;
}

export function getSigned<T>(path: string, query: Ask["query"] = {}): Promise<T> {
  return askSigned<T>("GET", path, { query });
}

export async function askSigned<T>(
  method: Method,
  path: string,
  { query = {}, body }: Own = {},
): Promise<T> {
  const whole = pathOf(path, query);
  // What is signed is the digest of exactly the bytes that are sent.
  const bytes = new TextEncoder().encode(body === undefined ? "" : JSON.stringify(body));
  const request: RequestInit = {
    method,
    headers: {
      Authorization: await authorization(method, whole, bytes),
      ...(body === undefined ? {} : { "Content-Type": "application/json" }),
    },
    credentials: "omit",
    signal: AbortSignal.timeout(20_000),
  };
  if (body !== undefined) request.body = bytes;
  const response = await fetch(whole, request).catch(() => {
    throw unreachable();
  });
  if (!response.ok) {
    const theirs = Number(response.headers.get("Obelisk-Time"));
    if (response.status === 401 && theirs > 0) aheadMs = theirs - Date.now();
    throw await problemOf(response);
  }
  return response.json().catch(() => {
    throw unreachable();
  }) as Promise<T>;
}

const unreachable = () =>
  new Problem("unreachable", "The market does not answer.", "Try again.", 0n, 0);

async function authorization(
  method: Method,
  whole: string,
  body: Uint8Array<ArrayBuffer>,
): Promise<string> {
  const [{ address, signMessage }, { encodeBase58 }, info] = await Promise.all([
    part(import("./wallet.svelte.ts")),
    part(import("./base58.ts")),
    askMarket(),
  ]);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", body));
  const atMs = Date.now() + aheadMs;
  const nonce = hex(crypto.getRandomValues(new Uint8Array(16)));
  const text = textToSign({
    method,
    path: whole,
    host: location.host,
    market: info.market,
    bodyHash: hex(digest),
    atMs,
    nonce,
  });
  const signature = encodeBase58(await signMessage(new TextEncoder().encode(text)));
  return (
    `Obelisk-Signature key="${address() ?? ""}", at="${atMs}",` +
    ` nonce="${nonce}", signature="${signature}"`
  );
}
