// From the click to the market's "taken": the quote over a fresh blockhash, every check, the
// wallet, every check again, the chain. Loaded when somebody pays, because kit comes with it.
import { get, Problem, type Lease, type MarketInfo, type Quote } from "../lib/api.ts";
import { signTransaction } from "../wallet/wallet.svelte.ts";
import { checkQuote, type Asked } from "./check_quote.ts";
import { checkSigned, checkTransaction } from "./check_transaction.ts";
import { sendSigned } from "./send.ts";

export type Stage = "checking" | "asking" | "again" | "sending" | "silent";

// A blockhash lives for half a minute: a wallet that was left open longer is asked again.
const MOST_BLOCKHASHES = 4;

interface Way {
  onStage: (stage: Stage) => void;
  onSigned: () => void; // from here on it may land
}

// Whether the market has taken it; where not, it may have landed all the same, and the lease says
// so. Throws a Problem or a Refusal only where nothing was sent. Each turn is about the one quote
// that was shown: another one is another price, which wants another look and another click.
export async function payQuote(asked: Asked, way: Way): Promise<boolean> {
  let isUnsure = false; // something was sent, and nobody said what became of it
  for (let tries = 1; ; ++tries) {
    let isSigned = false; // this turn
    try {
      const signed = await signOnce(asked, tries, way);
      isSigned = true;
      await sendSigned(signed, {
        onSilent: () => way.onStage("silent"),
        onUnsure: () => (isUnsure = true),
      });
      return true;
    } catch (error) {
      const code = error instanceof Problem ? error.code : "";
      // By these it may be paid already: that is looked at before the wallet is asked again, and
      // before anybody is told that nothing was paid.
      const mayBePaid = ["conflict", "expired", "rejected_on_chain"].includes(code);
      if (mayBePaid && ((await isPaid(asked.lease)) ?? isUnsure)) return false;
      // Either the blockhash is over, and the next turn brings another, or the quote itself is:
      // then asking for it says so.
      if (isSigned && code === "expired" && tries < MOST_BLOCKHASHES) continue;
      if (isUnsure) return false;
      throw error;
    }
  }
}

async function signOnce(asked: Asked, tries: number, way: Way): Promise<Uint8Array> {
  way.onStage("checking");
  // Not the market that the page asked when it was opened: its clock and its terms move.
  const [market, quote] = await Promise.all([
    get<MarketInfo>("/v1/market"),
    get<Quote>(`/v1/quotes/${encodeURIComponent(asked.quote)}`),
  ]);
  const checked = await checkQuote(quote, asked, market, market.chain_time_s);
  const bytes = checkTransaction(quote.transaction, checked);
  way.onStage(tries === 1 ? "asking" : "again");
  const signed = await signTransaction(bytes);
  await checkSigned(signed, bytes, checked.terms.program);
  way.onSigned();
  way.onStage("sending");
  return signed;
}

// As the market knows it; undefined: it does not say.
async function isPaid(address: string): Promise<boolean | undefined> {
  try {
    const lease = await get<Lease>(`/v1/leases/${encodeURIComponent(address)}`);
    return lease.state !== "quoted" && lease.outcome !== "never_paid";
  } catch {
    return undefined;
  }
}
