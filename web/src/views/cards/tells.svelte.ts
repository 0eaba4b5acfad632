// "Tell me when": searches that are followed while this tab is open, also from other views. The
// market tells those first who have waited longest (docs/search.md); nothing is held for anybody.
import { SvelteMap } from "svelte/reactivity";
import type { Offer } from "../../lib/api.ts";
import { follow } from "../../lib/events.ts";
import { readEvent } from "../../lib/offers/live.svelte.ts";
import { go } from "../../lib/route.svelte.ts";

export interface Told {
  q: string;
  label: string;
  offer: Offer;
}

interface Waiting {
  label: string;
  stop: AbortController;
}

// More would be more streams than the market gives one visitor.
const MOST = 8;
const waiting = new SvelteMap<string, Waiting>();
let told = $state.raw<readonly Told[]>([]);

export function isWaiting(q: string): boolean {
  return waiting.has(q);
}

export function isFull(): boolean {
  return waiting.size >= MOST;
}

export function toldNow(): readonly Told[] {
  return told;
}

export function forget(one: Told): void {
  told = told.filter((other) => other !== one);
}

export function stopWaiting(q: string): void {
  waiting.get(q)?.stop.abort();
  waiting.delete(q);
}

// Begins to wait, by a click: so the browser may ask whether it may notify. `say` writes the
// notice.
export function tellWhen(q: string, label: string, say: (offer: Offer) => string): void {
  if (waiting.has(q) || isFull()) return;
  const stop = new AbortController();
  waiting.set(q, { label, stop });
  if ("Notification" in window && Notification.permission === "default") {
    void Notification.requestPermission().catch(() => "denied");
  }
  void follow("/v1/offers/events", stop.signal, {
    query: { q },
    onEvent: ({ data }) => {
      const { kind, offer } = readEvent(data);
      if (kind !== "offer" || !offer || !waiting.has(q)) return;
      stopWaiting(q);
      told = [...told.filter((one) => one.q !== q), { q, label, offer }].slice(-MOST);
      notify(say(offer), offer.id);
    },
  });
}

function notify(text: string, offer: string): void {
  if (!("Notification" in window) || Notification.permission !== "granted") return;
  try {
    const notice = new Notification("OBELISK", { body: text, tag: offer });
    notice.onclick = () => {
      window.focus();
      go(`/rent/${encodeURIComponent(offer)}`);
      notice.close();
    };
  } catch {
    // Some phones allow it from service workers alone; the notice on the page is there.
  }
}
