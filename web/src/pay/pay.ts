// From the click to the market's "taken": the quote over a fresh blockhash, every check, the
// wallet, every check again, the chain. Loaded when somebody pays, because kit comes with it.
import { get, post, Problem, type MarketInfo, type Quote, type Schemas } from "../lib/api.ts";
import { signTransaction } from "../wallet/wallet.svelte.ts";
import { encodeBase64 } from "./base64.ts";
import { checkQuote, type Asked } from "./check_quote.ts";
import { checkCancel, checkSigned, checkTransaction } from "./check_transaction.ts";

export type Stage = "checking" | "asking" | "again" | "sending" | "silent";

// A blockhash lives for half a minute: a wallet that was left open longer is asked again.
const MOST_BLOCKHASHES = 4;
const SENDS = 4;
const PAUSE_MS = 1_500;

interface Way {
  onStage: (stage: Stage) => void;
  onSigned: () => void; // from here on it may land
}

const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));

// The lease's address; throws a Problem or a Refusal. Each turn is about the one quote that was
// shown: another one is another price, which wants another look and another click.
export async function payQuote(asked: Asked, way: Way): Promise<string> {
  for (let tries = 1; ; ++tries) {
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
    await checkSigned(signed, checked);
    way.onSigned();
    way.onStage("sending");
    try {
      await send(signed, way);
      return quote.lease;
    } catch (error) {
      // Either the blockhash is over, and the next turn brings another, or the quote itself is:
      // then asking for it says so.
      const isOver = error instanceof Problem && error.code === "expired";
      if (!isOver || tries === MOST_BLOCKHASHES) throw error;
    }
  }
}

// The same bytes each time: the chain takes them once, however often they are sent.
async function send(signed: Uint8Array, way: Pick<Way, "onStage">): Promise<void> {
  const body: Schemas["TransactionRequest"] = { transaction: encodeBase64(signed) };
  for (let tries = 1; ; ++tries) {
    try {
      await post<Schemas["TransactionAccepted"]>("/v1/transactions", body);
      return;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (error.code === "conflict") return; // it has landed already
      const isSilent = ["unreachable", "timeout", "rate_limited"].includes(error.code);
      if (!isSilent || tries === SENDS) throw error;
      way.onStage("silent");
      await pause(PAUSE_MS);
    }
  }
}

// Takes everything back from a lease that is not ready: signed by the wallet that paid it.
export async function cancelLease(lease: Schemas["Lease"]): Promise<void> {
  const market = await get<MarketInfo>("/v1/market");
  const made = await post<Schemas["UnsignedTransaction"]>(
    `/v1/leases/${encodeURIComponent(lease.lease)}/stop`,
    undefined,
  );
  const call = { program: market.program, lease: lease.lease, renter: lease.renter };
  const signed = await signTransaction(checkCancel(made.transaction, call));
  checkCancel(encodeBase64(signed), call, true);
  await send(signed, { onStage: () => {} });
}
