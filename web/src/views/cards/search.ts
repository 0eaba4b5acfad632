// Filters as the address has them, and the search that they are, in the language of docs/search.md.
// Pure. What cannot be read is left out: an address comes from anywhere.
import { sorts, type Sort } from "../../lib/offers/order.ts";

export interface Filters {
  card: string; // a card's id; "*": offers of any card; "": the list of cards
  gpus: string; // at least so many free
  price: string; // USD for one card and hour, at most
  vram: string; // GB of one card, at least
  disk: string; // GB with one card, at least
  region: string; // how it begins
  reliability: string; // percent, at least
  login: string; // seconds to the first login, the median, at most
  host: string;
  real: boolean; // nothing simulated
  q: string; // more, in the search language
  sort: Sort;
}

export const none: Filters = {
  card: "",
  gpus: "",
  price: "",
  vram: "",
  disk: "",
  region: "",
  reliability: "",
  login: "",
  host: "",
  real: false,
  q: "",
  sort: "price",
};

// The place of each in the address, with what it may look like there.
const NUMBER = /^[0-9]{1,7}(\.[0-9]{1,6})?$/;
const WHOLE = /^[0-9]{1,3}$/;
const NAME = /^[a-z0-9.*-]{1,40}$/;
const KEY = /^[1-9A-HJ-NP-Za-km-z]{32,44}$/;
// Letters of any script; no quotes, which end a text, and no control or direction marks.
const REGION = /^[\p{L}\p{N} ._-]{1,40}$/u;
const texts = {
  card: NAME,
  gpus: WHOLE,
  price: NUMBER,
  vram: NUMBER,
  disk: NUMBER,
  region: REGION,
  reliability: NUMBER,
  login: NUMBER,
  host: KEY,
} as const;
type TextName = keyof typeof texts;
const names = Object.keys(texts) as TextName[];
const Q_MOST = 400;

// Whether a field's text can be sent. Empty: no such filter.
export function isFine(name: TextName, text: string): boolean {
  return text === "" || texts[name].test(text);
}

export function filtersOf(query: URLSearchParams): Filters {
  const out = { ...none };
  for (const name of names) {
    const text = query.get(name)?.trim() ?? "";
    if (texts[name].test(text)) out[name] = text;
  }
  out.q = (query.get("q") ?? "").trim().slice(0, Q_MOST);
  out.real = query.get("simulated") === "no";
  const sort = query.get("sort") as Sort | null;
  if (sort && sorts.includes(sort)) out.sort = sort;
  return out;
}

// "/?card=a40&price=1.5": what is not filtered is not there.
export function addressOf(filters: Filters): string {
  const query = new URLSearchParams();
  for (const name of names) {
    if (filters[name] !== "") query.set(name, filters[name]);
  }
  if (filters.q !== "") query.set("q", filters.q);
  if (filters.real) query.set("simulated", "no");
  if (filters.sort !== "price") query.set("sort", filters.sort);
  const text = query.toString();
  return text === "" ? "/" : `/?${text}`;
}

export function isSearch(filters: Filters): boolean {
  return addressOf({ ...filters, sort: "price" }) !== "/";
}

// How many filters beside the card are set.
export function countOf(filters: Filters): number {
  const set = names.filter((name) => name !== "card" && filters[name] !== "").length;
  return set + (filters.real ? 1 : 0) + (filters.q === "" ? 0 : 1);
}

export function searchText(filters: Filters): string {
  const parts: string[] = [];
  if (filters.card !== "" && filters.card !== "*") parts.push(`card=${filters.card}`);
  if (filters.gpus !== "") parts.push(`gpus>=${filters.gpus}`);
  if (filters.price !== "") parts.push(`price<=${filters.price}`);
  if (filters.vram !== "") parts.push(`vram>=${filters.vram}`);
  if (filters.disk !== "") parts.push(`disk>=${filters.disk}`);
  if (filters.region !== "") parts.push(`region="${filters.region}"*`);
  if (filters.reliability !== "") parts.push(`reliability>=${filters.reliability}`);
  if (filters.login !== "") parts.push(`login_p50<=${filters.login}s`);
  if (filters.host !== "") parts.push(`host=${filters.host}`);
  if (filters.real) parts.push("-simulated");
  // `or` binds less than standing side by side.
  if (filters.q !== "") parts.push(parts.length > 0 ? `(${filters.q})` : filters.q);
  return parts.join(" ");
}

// The same for a shell, within single quotes.
export function commandOf(filters: Filters): string {
  const text = searchText(filters).replaceAll("'", `'\\''`);
  const sort = filters.sort === "price" ? "" : ` --sort=${filters.sort}`;
  return `obelisk offers${text === "" ? "" : ` '${text}'`}${sort}`;
}
