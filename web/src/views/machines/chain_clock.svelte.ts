// The chain's clock, as the market tells it: leases are counted by it, and a visitor's own may be
// wrong by hours. It is asked again every minute while somebody looks.
import { get, type MarketInfo } from "../../lib/api.ts";
import { keepTicking, nowMs } from "../../lib/clock.svelte.ts";

const AGAIN_MS = 60_000;
let aheadMs = $state(0);
let isKnown = $state(false);

// Looks at once. The half of the way there and back is the answer's age.
export async function askChainTime(): Promise<void> {
  const asked = Date.now();
  try {
    const { chain_time_s: chainS } = await get<MarketInfo>("/v1/market");
    const answered = Date.now();
    aheadMs = chainS * 1000 - (asked + answered) / 2;
    isKnown = true;
  } catch {
    // It goes on by what was heard last.
  }
}

// For use in an $effect.
export function keepChainTime(): () => void {
  const stop = keepTicking();
  void askChainTime();
  const timer = setInterval(() => void askChainTime(), AGAIN_MS);
  return () => {
    stop();
    clearInterval(timer);
  };
}

export function chainNowS(): number {
  return (nowMs() + aheadMs) / 1000;
}

// For what is signed: hosts refuse a time that their own clock has not come to. Where the market
// does not answer, the visitor's clock has to do.
export async function askChainNowS(): Promise<number> {
  if (!isKnown) await askChainTime();
  return Math.floor((Date.now() + aheadMs) / 1000);
}
