// What a lease would cost by an offer's own price, before anybody is asked for a quote. The signed
// quote is what counts: this is shown as an estimate and never paid.
import { BOND_LAMPORTS, price } from "../../../program/client/protocol.ts";
import type { Offer, Schemas } from "../lib/api.ts";

// Solana takes 5,000 for each signature: one to open, two for the dearest stop.
const NETWORK_FEES = 15_000n;
const GB = 1_000_000_000n; // as disks are sold
const HOURS_PER_MONTH = 730n;
const LEAST_DISK = 1024 ** 3;
const DEFAULT_DISK = 20 * 1024 ** 3;

export type Breakdown = Schemas["Breakdown"];

export interface Estimate {
  rate: bigint; // lamports an hour
  microUsdPerSol: number | undefined; // as the offer's two prices imply it
  breakdown: Breakdown;
}

// What the market gives where its renter names no disk.
export function defaultDisk(offer: Offer, count: number): number {
  return Math.min(Math.max(offer.disk_bytes_max * count, LEAST_DISK), DEFAULT_DISK);
}

const divideUp = (value: bigint, by: bigint): bigint => (value + by - 1n) / by;

// Nothing where the offer has no price in lamports: the market knows no SOL price then.
export function estimate(
  offer: Offer,
  want: { count: number; seconds: number; diskBytes?: number | undefined },
): Estimate | undefined {
  const one = BigInt(offer.lamports_per_hour ?? "0");
  if (one === 0n || offer.micro_usd_per_hour === 0) return undefined;
  const microUsdPerSol = (BigInt(offer.micro_usd_per_hour) * 1_000_000_000n + one / 2n) / one;
  if (microUsdPerSol === 0n) return undefined;
  const disk = BigInt(want.diskBytes ?? defaultDisk(offer, want.count));
  const monthly = disk * BigInt(offer.micro_usd_per_gb_month ?? 0);
  const diskHour = divideUp(monthly * 1_000_000_000n, GB * HOURS_PER_MONTH * microUsdPerSol);
  const cardsHour = one * BigInt(want.count);
  const rate = cardsHour + diskHour;
  const whole = price(rate, want.seconds);
  const cards = price(cardsHour, want.seconds);
  const total = whole + BOND_LAMPORTS + NETWORK_FEES;
  return {
    rate,
    microUsdPerSol: Number(microUsdPerSol),
    breakdown: {
      cards_lamports: String(cards),
      disk_lamports: String(whole - cards),
      traffic_lamports: "0",
      price_lamports: String(whole),
      bond_lamports: String(BOND_LAMPORTS),
      network_fees_lamports: String(NETWORK_FEES),
      total_lamports: String(total),
      total_micro_usd: Number(divideUp(total * microUsdPerSol, 1_000_000_000n)),
    },
  };
}
