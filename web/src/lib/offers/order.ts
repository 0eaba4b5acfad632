// The order of offers that arrive one by one, as GET /v1/offers has it: the keys of docs/search.md,
// what is unknown last whichever way a key runs, and of what is alike the smaller id first. Pure.
import type { Offer } from "../api.ts";

export const sorts = [
  "price",
  "-vram",
  "-gpus",
  "login_p50",
  "-reliability",
  "-disk",
  "-bandwidth",
] as const;
export type Sort = (typeof sorts)[number];

const keys: Record<string, (offer: Offer) => number | undefined> = {
  price: (offer) => offer.micro_usd_per_hour,
  vram: (offer) => offer.memory_bytes,
  gpus: (offer) => offer.count,
  login_p50: (offer) => offer.login_p50_ms,
  reliability: (offer) => offer.reliability_bps,
  disk: (offer) => offer.disk_bytes_max,
  bandwidth: (offer) => offer.bandwidth_bytes_per_s,
};

// What is sent: after the chosen key the cheapest first, and of those the one with most free cards.
export function sortText(sort: Sort): string {
  return sort === "price" ? "price,-gpus" : `${sort},price`;
}

export function compare(text: string): (a: Offer, b: Offer) => number {
  const order = text.split(",").map((key) => {
    const isDown = key.startsWith("-");
    return { isDown, of: keys[isDown ? key.slice(1) : key] };
  });
  return (a, b) => {
    for (const { isDown, of } of order) {
      const x = of?.(a);
      const y = of?.(b);
      if (x === y) continue;
      if (x === undefined) return 1;
      if (y === undefined) return -1;
      return isDown ? y - x : x - y;
    }
    return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
  };
}
