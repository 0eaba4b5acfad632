// What a visitor chose for one lease. It stands in the address, so a link, a reload and Back bring
// it again; whatever the address says is held to the offer's bounds. The key alone does not: by a
// link with a key of somebody else's one would pay for a machine that is theirs.
import type { Offer } from "../lib/api.ts";
import { checkKey } from "./sshkey.ts";

export const LEAST_SECONDS = 60;
export const GIB = 1024 ** 3;
const DEFAULT_SECONDS = 3_600;
const MOST_COUNT = 16;

export interface Choices {
  seconds: number;
  maxSeconds: number | undefined; // how far it may be extended; undefined: as far as the offer goes
  count: number;
  image: string | undefined; // a digest, where the image has no template
  template: string | undefined;
  diskBytes: number | undefined; // undefined: what the market gives
  key: string; // the public line; empty: none yet
}

export interface Bounds {
  least: number; // seconds
  most: number;
  count: number; // free cards
  diskMost: number; // GiB, for the cards chosen
}

export function boundsOf(offer: Offer, count: number): Bounds {
  const least = Math.max(LEAST_SECONDS, offer.min_seconds ?? LEAST_SECONDS);
  return {
    least,
    most: Math.max(least, offer.max_seconds),
    count: Math.min(Math.max(1, offer.count), MOST_COUNT),
    diskMost: Math.max(1, Math.floor((offer.disk_bytes_max * count) / GIB)),
  };
}

function wholeOf(text: string | null): number | undefined {
  if (text === null || !/^[0-9]{1,9}$/.test(text)) return undefined;
  return Number(text);
}

const within = (value: number, low: number, high: number) => Math.min(Math.max(value, low), high);

export function readChoices(query: URLSearchParams, offer: Offer, keyLine = ""): Choices {
  const count = within(wholeOf(query.get("count")) ?? 1, 1, boundsOf(offer, 1).count);
  const bounds = boundsOf(offer, count);
  const wanted = wholeOf(query.get("seconds")) ?? DEFAULT_SECONDS;
  const seconds = within(wanted, bounds.least, bounds.most);
  const max = wholeOf(query.get("max"));
  const disk = wholeOf(query.get("disk"));
  const images = offer.images ?? [];
  const template = query.get("template") ?? undefined;
  const image = query.get("image") ?? undefined;
  const key = checkKey(keyLine);
  return {
    seconds,
    maxSeconds: max === undefined ? undefined : within(max, seconds, bounds.most),
    count,
    template: images.some((one) => one.template === template) ? template : undefined,
    image: images.some((one) => one.digest === image) ? image : undefined,
    diskBytes: disk === undefined ? undefined : within(disk, 1, bounds.diskMost) * GIB,
    key: "line" in key ? key.line : "",
  };
}

// The address's query: what is as the market would choose it stays out.
export function writeChoices(choices: Choices): string {
  const query = new URLSearchParams();
  query.set("seconds", String(choices.seconds));
  if (choices.maxSeconds !== undefined) query.set("max", String(choices.maxSeconds));
  if (choices.count !== 1) query.set("count", String(choices.count));
  if (choices.template !== undefined) query.set("template", choices.template);
  else if (choices.image !== undefined) query.set("image", choices.image);
  if (choices.diskBytes !== undefined) query.set("disk", String(choices.diskBytes / GIB));
  return query.toString();
}

// The body of POST /v1/quotes, and of POST /v1/pay without the renter.
export interface QuoteBody {
  offer: string;
  count: number;
  seconds: number;
  max_seconds?: number;
  image?: string;
  template?: string;
  disk_bytes?: number;
  ssh_key: string;
}

export function bodyOf(offer: string, choices: Choices): QuoteBody {
  const body: QuoteBody = {
    offer,
    count: choices.count,
    seconds: choices.seconds,
    ssh_key: choices.key,
  };
  if (choices.maxSeconds !== undefined) body.max_seconds = choices.maxSeconds;
  if (choices.template !== undefined) body.template = choices.template;
  else if (choices.image !== undefined) body.image = choices.image;
  if (choices.diskBytes !== undefined) body.disk_bytes = choices.diskBytes;
  return body;
}
