// Sends what the wallet has signed, the same bytes each time: the chain takes them once, however
// often they are sent.
import { post, Problem, type Schemas } from "../lib/api.ts";
import { encodeBase64 } from "./base64.ts";

const SENDS = 4;
const PAUSE_MS = 1_500;

export interface Heard {
  onSilent?: () => void; // it is about to be sent once more
  onUnsure?: () => void; // from here on it may land without a word of the market
}

const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));

// Whether an error proves that nothing was sent on: the market itself said no to this request.
// Silence, a cut answer, a server's fault and a proxy's page prove nothing.
export function provesUnsent(error: unknown): boolean {
  if (!(error instanceof Problem)) return false;
  const isTheMarkets = error.code !== "unreachable" && error.code !== "timeout";
  return isTheMarkets && error.status >= 400 && error.status < 500;
}

// Done once the market has taken it. An error that proves nothing was announced by onUnsure.
export async function sendSigned(signed: Uint8Array, heard: Heard = {}): Promise<void> {
  const body: Schemas["TransactionRequest"] = { transaction: encodeBase64(signed) };
  for (let tries = 1; ; ++tries) {
    try {
      await post<Schemas["TransactionAccepted"]>("/v1/transactions", body);
      return;
    } catch (error) {
      const isUnsent = provesUnsent(error);
      if (!isUnsent) heard.onUnsure?.();
      if (error instanceof Problem && error.code === "conflict") return; // it has landed already
      const isBusy = error instanceof Problem && error.code === "rate_limited";
      if ((isUnsent && !isBusy) || tries === SENDS) throw error;
      heard.onSilent?.();
      await pause(PAUSE_MS);
    }
  }
}

// True: the market has taken it, or it has landed. False: nobody said so, and it may have landed
// all the same, so whoever calls has to look. Thrown: refused before anything was sent.
export async function sendOrUnsure(signed: Uint8Array, onSilent: () => void): Promise<boolean> {
  let isUnsure = false;
  try {
    await sendSigned(signed, { onSilent, onUnsure: () => (isUnsure = true) });
    return true;
  } catch (error) {
    if (!isUnsure) throw error;
    return false;
  }
}
