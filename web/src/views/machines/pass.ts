// The renter's word for who may visit one port of a lease, or its terminal, and the address that it
// is shown at (docs/gateway.md). The text is what the wallet shows and signs. Pure.
import { Problem } from "../../lib/api.ts";

export type Door = number | "terminal";

const HOLDER = 1;
const USUAL_S = 12 * 3600;
const AFTER_END_S = 3600;
const MAX_WEB = 400;
const LETTERS = "abcdefghijklmnopqrstuvwxyz234567";

// "2027-01-15T08:00:00Z"
export const timeText = (seconds: number): string =>
  new Date(seconds * 1000).toISOString().replace(/\.[0-9]+Z$/, "Z");

export function passText(lease: string, door: Door, fromS: number, untilS: number): string {
  return [
    "OBELISK: whoever holds this may visit",
    `lease: ${lease}`,
    `port: ${door}`,
    `from: ${timeText(fromS)}`,
    `until: ${timeText(untilS)}`,
  ].join("\n");
}

// As it travels: 81 bytes, 108 characters of base64url.
export function encodePass(fromS: number, untilS: number, signature: Uint8Array): string {
  const bytes = new Uint8Array(81);
  const view = new DataView(bytes.buffer);
  bytes[0] = HOLDER;
  view.setBigInt64(1, BigInt(fromS), true);
  view.setBigInt64(9, BigInt(untilS), true);
  bytes.set(signature.subarray(0, 64), 17);
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_");
}

// Twelve hours, or an hour past the lease's end; a minute at least.
export function passEnd(endsAtS: number | undefined, nowS: number, forS = USUAL_S): number {
  const wanted = nowS + forS;
  if (endsAtS === undefined) return wanted;
  return Math.max(Math.min(wanted, endsAtS + AFTER_END_S), nowS + 60);
}

// A lease's address as host names have it: 52 letters of base32.
export function nameOf(lease: Uint8Array): string {
  let out = "";
  let bits = 0;
  let count = 0;
  for (const byte of lease) {
    bits = (bits << 8) | byte;
    for (count += 8; count >= 5; count -= 5) out += LETTERS[(bits >> (count - 5)) & 31];
    bits &= 31;
  }
  return out + (LETTERS[(bits << (5 - count)) & 31] ?? "");
}

// The address of that door, or undefined where the template is not one of this lease: it comes from
// the market. In the clear only on this machine, else a pass would be anybody's on the way.
export function webAddress(
  template: string | undefined,
  lease: Uint8Array,
  door: Door,
): string | undefined {
  if (template === undefined || template.length > MAX_WEB) return undefined;
  const found = /^(https?:\/\/)\{port\}-([a-z2-7]{52})\.([a-z0-9.:-]+)$/.exec(template);
  const [, scheme, name, rest] = found ?? [];
  if (!scheme || !rest || name !== nameOf(lease)) return undefined;
  const domain = rest.split(":")[0] ?? "";
  const isHere = domain === "localhost" || domain.endsWith(".localhost");
  if (scheme === "http://" && !isHere) return undefined;
  return `${scheme}${door}-${name}.${rest}`;
}

export const linkOf = (address: string, pass: string): string => `${address}/?obelisk-pass=${pass}`;

export const socketOf = (address: string): string => address.replace(/^http/, "ws");

export function readPort(text: string): number | undefined {
  const port = /^[1-9][0-9]{0,4}$/.test(text.trim()) ? Number(text) : 0;
  return port >= 1 && port <= 65535 ? port : undefined;
}

export function noWay(what: string, action: string): Problem {
  return new Problem("unsupported", what, action, 0n, 0);
}
