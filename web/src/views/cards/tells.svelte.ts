// "Tell me when": searches that are followed while this tab is open, also from other views. The
// market tells those first who have waited longest (docs/search.md); nothing is held for anybody.
import { SvelteMap } from "svelte/reactivity";
import { get, type Offer, type Schemas } from "../../lib/api.ts";
import { follow } from "../../lib/events.ts";
import { readEvent } from "../../lib/offers/live.svelte.ts";
import { hasRoom, searchOfOne, unionOf } from "./union.ts";
import { go } from "../../lib/route.svelte.ts";

export interface Told {
  q: string;
  label: string;
  offer: Offer;
}

interface Waiting {
  label: string;
  say: (offer: Offer) => string;
}

const MOST = 8;
const waiting = new SvelteMap<string, Waiting>();
let told = $state.raw<readonly Told[]>([]);
let stream: AbortController | undefined;

export function isWaiting(q: string): boolean {
  return waiting.has(q);
}

export function isFull(q: string): boolean {
  return waiting.size >= MOST || !hasRoom([...waiting.keys()], q);
}

export function toldNow(): readonly Told[] {
  return told;
}

export function forget(one: Told): void {
  told = told.filter((other) => other !== one);
}

export function stopWaiting(q: string): void {
  if (waiting.delete(q)) listen();
}

// Begins to wait, by a click: so the browser may ask whether it may notify. `say` writes the
// notice.
export function tellWhen(q: string, label: string, say: (offer: Offer) => string): void {
  if (waiting.has(q) || isFull(q)) return;
  waiting.set(q, { label, say });
  if ("Notification" in window && Notification.permission === "default") {
    void Notification.requestPermission().catch(() => "denied");
  }
  listen();
}

// One stream for all that is waited for, opened again when that changes.
function listen(): void {
  stream?.abort();
  if (waiting.size === 0) return;
  stream = new AbortController();
  const { signal } = stream;
  void follow("/v1/offers/events", signal, {
    query: { q: unionOf([...waiting.keys()]) },
    onEvent: ({ data }) => {
      const { kind, offer } = readEvent(data);
      if (kind === "offer" && offer) void tellOf(offer);
    },
  });
}

// Whose wait is over: the stream says what came, and not for which of the searches.
async function tellOf(offer: Offer): Promise<void> {
  for (const q of [...waiting.keys()]) {
    const found =
      waiting.size === 1 ||
      (await get<Schemas["OfferList"]>("/v1/offers", {
        query: { q: searchOfOne(q, offer.id), limit: "1" },
      }).then(
        (list) => list.offers.length > 0,
        () => false,
      ));
    const wait = waiting.get(q);
    if (!found || !wait) continue;
    stopWaiting(q);
    told = [...told.filter((one) => one.q !== q), { q, label: wait.label, offer }].slice(-MOST);
    notify(wait.say(offer), offer.id);
  }
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
