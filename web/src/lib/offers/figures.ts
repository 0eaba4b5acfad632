// Figures of an offer as people read them. Pure.
import type { Offer } from "../api.ts";
import type { Language } from "../words.svelte.ts";

// What so many of its cards cost for an hour.
export function priceOf(
  offer: Offer,
  gpus: number,
): { microUsd: bigint; lamports: bigint | undefined } {
  const times = BigInt(Math.max(1, Math.floor(gpus)));
  const lamports = offer.lamports_per_hour;
  return {
    microUsd: BigInt(offer.micro_usd_per_hour) * times,
    lamports:
      lamports !== undefined && /^[0-9]{1,20}$/.test(lamports)
        ? BigInt(lamports) * times
        : undefined,
  };
}

// Disks are counted in powers of ten, as the search does.
export function diskText(bytes: number): string {
  if (bytes >= 1e12) return `${(bytes / 1e12).toFixed(1)} TB`;
  return `${Math.floor(bytes / 1e9)} GB`;
}

// "98.25 %", "100 %", in German "98,25 %": never rounded up, so that 100 % is all of them.
export function percentText(bps: number, language: Language): string {
  const whole = Math.floor(bps / 100);
  const rest = Math.floor(bps) % 100;
  if (rest === 0) return `${whole} %`;
  const parts = String(rest).padStart(2, "0").replace(/0$/, "");
  return `${whole}${language === "de" ? "," : "."}${parts} %`;
}

// A share of whole numbers in ten-thousandths, rounded down; undefined of nothing.
export function shareBps(part: number, whole: number): number | undefined {
  return whole > 0 ? Math.floor((part * 10_000) / whole) : undefined;
}
