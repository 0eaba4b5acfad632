// Has the wallet sign a pass for one door of a lease. Its owner sees the text.
import type { Lease } from "../../lib/api.ts";
import { decodeBase58 } from "../../wallet/base58.ts";
import { signMessage } from "../../wallet/wallet.svelte.ts";
import { askChainNowS } from "./chain_clock.svelte.ts";
import { encodePass, noWay, passEnd, passText, webAddress, type Door } from "./pass.ts";

export interface Visit {
  addresses: readonly string[]; // at each gateway, the preferred one first
  pass: string;
  untilS: number;
}

export async function signVisit(lease: Lease, door: Door, forS?: number): Promise<Visit> {
  const bytes = decodeBase58(lease.lease);
  const addresses = (lease.ways ?? [])
    .map((way) => webAddress(way.web, bytes, door))
    .filter((one) => one !== undefined);
  if (addresses.length === 0)
    throw noWay("No gateway of this lease leads to its ports by https.", "Use SSH.");
  const fromS = await askChainNowS();
  const untilS = passEnd(lease.ends_at_s, fromS, forS);
  const text = passText(lease.lease, door, fromS, untilS);
  const signature = await signMessage(new TextEncoder().encode(text));
  return { addresses, pass: encodePass(fromS, untilS, signature), untilS };
}
