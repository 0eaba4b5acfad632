// Which view an address means. Each is fetched when it is first wanted, so that the first screen
// carries nothing of the others.
import type { Component } from "svelte";

export type View = Component<{ argument: string }>;
interface Route {
  path: RegExp; // its one group is the view's argument
  load: () => Promise<{ default: View }>;
}

export const routes: readonly Route[] = [
  { path: /^\/$/, load: () => import("../views/cards/Cards.svelte") },
  { path: /^\/rent\/([^/]+)$/, load: () => import("../views/checkout/Checkout.svelte") },
  { path: /^\/paying\/([^/]+)$/, load: () => import("../views/ready/Paying.svelte") },
  { path: /^\/program$/, load: () => import("../views/program/Program.svelte") },
  { path: /^\/leases$/, load: () => import("../views/machines/Machines.svelte") },
  { path: /^\/leases\/([^/]+)$/, load: () => import("../views/machines/Machine.svelte") },
  { path: /^\/leases\/([^/]+)\/receipt$/, load: () => import("../views/machines/Receipt.svelte") },
  { path: /^\/hosts$/, load: () => import("../views/hosts/Join.svelte") },
  { path: /^\/hosts\/([^/]+)$/, load: () => import("../views/hosts/Host.svelte") },
  { path: /^\/market$/, load: () => import("../views/market/Market.svelte") },
  { path: /^\/docs$/, load: () => import("../views/docs/Docs.svelte") },
  { path: /^\/docs\/([^/]+)$/, load: () => import("../views/docs/Docs.svelte") },
];

export function viewOf(path: string): { load: Route["load"]; argument: string } | undefined {
  for (const { path: pattern, load } of routes) {
    const found = pattern.exec(path);
    if (!found) continue;
    try {
      return { load, argument: decodeURIComponent(found[1] ?? "") };
    } catch {
      return undefined; // a % that begins no letter: such an address leads nowhere
    }
  }
  return undefined;
}
