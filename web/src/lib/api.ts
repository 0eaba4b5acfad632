// The market's API as the page asks it. Types come from openapi.json; an answer that is no success
// becomes a Problem, which says what happened, what to do and what it cost.
import type { components } from "../generated/api.ts";

export type Schemas = components["schemas"];
export type Card = Schemas["Card"];
export type Offer = Schemas["Offer"];
export type Quote = Schemas["Quote"];
export type Lease = Schemas["Lease"];
export type LeaseEvent = Schemas["LeaseEvent"];
export type MarketInfo = Schemas["MarketInfo"];
export type History = Schemas["History"];

export class Problem extends Error {
  override name = "Problem";
  constructor(
    readonly code: string, // docs/contract.md; "unreachable" where nobody answered
    message: string,
    readonly action: string,
    readonly chargedLamports: bigint,
    readonly status: number,
  ) {
    super(message);
  }
}

// A network that changes under a browser (another WLAN, a cable, a tunnel) cuts what is on its way.
const AGAIN_AFTER_MS = 250;
// An answer that takes longer is none. Streams have no such end.
const TIMEOUT_MS = 15_000;

export interface Ask {
  method?: "GET" | "POST" | "DELETE";
  body?: unknown;
  query?: Record<string, string | undefined>;
  headers?: Record<string, string>;
  token?: string | undefined; // of a session: "obelisk_..."
  signal?: AbortSignal | undefined;
}

export function pathOf(path: string, query: Record<string, string | undefined> = {}): string {
  const words = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== "") words.set(name, value);
  }
  const text = words.toString();
  return text === "" ? path : `${path}?${text}`;
}

export async function problemOf(response: Response): Promise<Problem> {
  const said: Partial<Schemas["Problem"]> = await response.json().catch(() => ({}));
  return new Problem(
    said.code ?? "unreachable",
    said.detail ?? said.title ?? `The market answered ${response.status}.`,
    said.action ?? "Try again in a moment.",
    lamportsOf(said.charged_lamports),
    response.status,
  );
}

function lamportsOf(text: string | undefined): bigint {
  return text !== undefined && /^[0-9]{1,20}$/.test(text) ? BigInt(text) : 0n;
}

// One request; a question is asked once more where the network cut it: asking changes nothing.
async function fetched(url: string, request: RequestInit): Promise<Response> {
  try {
    return await fetch(url, request);
  } catch (error) {
    if (request.method !== "GET" || request.signal?.aborted) throw error;
    await new Promise((done) => setTimeout(done, AGAIN_AFTER_MS));
    return fetch(url, request);
  }
}

// Sends one request. The signal and the time limit both end it.
export async function send(path: string, ask: Ask = {}, timeoutMs = TIMEOUT_MS): Promise<Response> {
  const headers: Record<string, string> = { ...ask.headers };
  if (ask.body !== undefined) headers["Content-Type"] = "application/json";
  if (ask.token !== undefined) headers["Authorization"] = `Bearer ${ask.token}`;
  const limits = [ask.signal, timeoutMs > 0 ? AbortSignal.timeout(timeoutMs) : undefined].filter(
    (one) => one !== undefined,
  );
  const request: RequestInit = {
    method: ask.method ?? "GET",
    headers,
    signal: AbortSignal.any(limits),
    credentials: "omit",
  };
  if (ask.body !== undefined) request.body = JSON.stringify(ask.body);
  let response: Response;
  try {
    response = await fetched(pathOf(path, ask.query), request);
  } catch (error) {
    if (ask.signal?.aborted) throw error;
    throw unreachable("The market does not answer.");
  }
  if (!response.ok) throw await problemOf(response);
  return response;
}

function unreachable(what: string): Problem {
  const action = "Check the connection. Leases that run go on, and the program keeps their money.";
  return new Problem("unreachable", what, action, 0n, 0);
}

// A connection can die in the middle of an answer, and a proxy can answer with a page of its own:
// then nobody knows what the market did.
async function bodyOf<T>(response: Response, ask: Ask): Promise<T> {
  try {
    return (await response.json()) as T;
  } catch (error) {
    if (ask.signal?.aborted) throw error;
    throw noAnswer();
  }
}

// For who reads an answer otherwise than as what `get` takes it for.
export function noAnswer(): Problem {
  return unreachable("The market's answer broke off, or is none.");
}

export async function get<T>(path: string, ask: Ask = {}): Promise<T> {
  return bodyOf<T>(await send(path, ask), ask);
}

export async function post<T>(path: string, body: unknown, ask: Ask = {}): Promise<T> {
  return bodyOf<T>(await send(path, { ...ask, method: "POST", body }), ask);
}
