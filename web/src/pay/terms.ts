// The terms of a quote, read as strictly as market, host and command line read them: one canonical
// text (RFC 8785), every field there and none more, bounds kept, the debit's parts adding up.
import { BOND_LAMPORTS, price } from "../../../program/client/protocol.ts";
import { demand } from "./refusal.ts";

const MOST_BYTES = 16_384;
const MOST_RATE = 2n ** 38n;
const MOST_SECONDS = 31_536_000;
const MOST_CARDS = 16;

export interface Terms {
  attestor: string;
  card: string;
  cards: { memory_bytes: number; uuid: string; proven_bytes?: number }[];
  cpu_milli: number;
  debit: Record<Part, string>;
  disk_bytes: number;
  expires_at: number;
  fee_bps: number;
  host: string;
  image: string;
  lamports_per_hour: string;
  market: string;
  market_rev: number;
  max_seconds: number;
  nonce: string;
  offer: string;
  ports: number[];
  program: string;
  ram_bytes: number;
  renter: string;
  seconds: number;
  simulated: boolean;
  sol_price: { at_ms: number; micro_usd_per_sol: number; source: string };
  ssh_key: string;
  template?: string;
  unproven_limit_s: number;
  version: number;
}

const PARTS = ["bond", "cards", "disk", "network_fees", "price", "total", "traffic"] as const;
export type Part = `${(typeof PARTS)[number]}_lamports`;

type Test = (value: unknown) => boolean;
const whole =
  (low: number, high: number): Test =>
  (value) =>
    Number.isSafeInteger(value) && (value as number) >= low && (value as number) <= high;
const text =
  (pattern: RegExp): Test =>
  (value) =>
    typeof value === "string" && pattern.test(value);
const list =
  (test: Test, most: number): Test =>
  (value) =>
    Array.isArray(value) && value.length >= 1 && value.length <= most && value.every(test);
const decimal: Test = (value) =>
  text(/^(0|[1-9][0-9]{0,19})$/)(value) && BigInt(value as string) < 2n ** 64n;
const key = text(/^[1-9A-HJ-NP-Za-km-z]{32,44}$/);
const bytes = whole(0, Number.MAX_SAFE_INTEGER);

function shape(fields: Record<string, Test>, optional: Record<string, Test> = {}): Test {
  return (value) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
    const found = value as Record<string, unknown>;
    const isKnown = (name: string) => Object.hasOwn(fields, name) || Object.hasOwn(optional, name);
    return (
      Object.keys(found).every(isKnown) &&
      Object.entries(fields).every(
        ([name, test]) => Object.hasOwn(found, name) && test(found[name]),
      ) &&
      Object.entries(optional).every(
        ([name, test]) => !Object.hasOwn(found, name) || test(found[name]),
      )
    );
  };
}

const isTerms = shape(
  {
    attestor: key,
    card: text(/^.{1,40}$/),
    cards: list(
      shape({ memory_bytes: bytes, uuid: text(/^[A-Za-z0-9-]{1,80}$/) }, { proven_bytes: bytes }),
      MOST_CARDS,
    ),
    cpu_milli: whole(0, 10_000_000),
    debit: shape(Object.fromEntries(PARTS.map((part) => [`${part}_lamports`, decimal]))),
    disk_bytes: bytes,
    expires_at: whole(1, Number.MAX_SAFE_INTEGER),
    fee_bps: whole(0, 1_000),
    host: key,
    image: text(/^sha256:[0-9a-f]{64}$/),
    lamports_per_hour: decimal,
    market: key,
    market_rev: whole(1, Number.MAX_SAFE_INTEGER),
    max_seconds: whole(60, MOST_SECONDS),
    nonce: decimal,
    offer: text(/^.{1,64}$/),
    ports: list(whole(1, 65_535), 16),
    program: key,
    ram_bytes: bytes,
    renter: key,
    seconds: whole(60, MOST_SECONDS),
    simulated: (value) => typeof value === "boolean",
    sol_price: shape({
      at_ms: bytes,
      micro_usd_per_sol: whole(1, Number.MAX_SAFE_INTEGER),
      source: text(/^[^]{0,200}$/),
    }),
    ssh_key: text(/^SHA256:[A-Za-z0-9+/]{43}$/),
    unproven_limit_s: whole(60, 86_400),
    version: whole(1, 1),
  },
  { template: text(/^.{1,40}$/) },
);

// The one text of a JSON value by RFC 8785. Numbers are whole here, and strings are written as
// JSON.stringify writes them, which is what the standard takes over.
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    const texts = fields.map(([name, one]) => `${JSON.stringify(name)}:${canonical(one)}`);
    return `{${texts.join(",")}}`;
  }
  return JSON.stringify(value);
}

export function readTerms(said: string): Terms {
  demand(said.length <= MOST_BYTES, "terms");
  let value: unknown;
  try {
    value = JSON.parse(said);
  } catch {
    demand(false, "terms");
  }
  // A name that stands twice, another order, a space: each is another text than the one signed.
  demand(isTerms(value) && canonical(value) === said, "terms");
  const terms = value as Terms;
  demand(hasFiveKeys(terms) && addsUp(terms), "terms");
  demand(new Set(terms.cards.map((card) => card.uuid)).size === terms.cards.length, "terms");
  return terms;
}

function hasFiveKeys({ program, market, attestor, renter, host }: Terms): boolean {
  return new Set([program, market, attestor, renter, host]).size === 5;
}

function addsUp(terms: Terms): boolean {
  const rate = BigInt(terms.lamports_per_hour);
  const of = (part: (typeof PARTS)[number]) => BigInt(terms.debit[`${part}_lamports`]);
  return (
    rate >= 1n &&
    rate <= MOST_RATE &&
    terms.seconds <= terms.max_seconds &&
    of("price") === price(rate, terms.seconds) &&
    of("cards") + of("disk") + of("traffic") === of("price") &&
    of("bond") === BOND_LAMPORTS &&
    of("price") + of("bond") + of("network_fees") === of("total")
  );
}
