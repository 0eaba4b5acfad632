// Claims what is proven of a lease, for its host: asks the market for the transaction, checks that
// it does exactly that, has the wallet sign it, checks what came back, and sends it. Imported when
// somebody clicks, with kit.
import { get, post, type Lease, type Schemas } from "../lib/api.ts";
import { askMarket } from "../lib/market.svelte.ts";
import { checkClaim } from "./check_claim.ts";
import type { MadeClaim } from "./claimed.ts";
import { bytesOf } from "./read_transaction.ts";
import { demand } from "./refusal.ts";
import { signAndSend } from "./sign_and_send.ts";
import { inWords } from "./words.ts";

export interface ClaimAsked {
  lease: string;
  host: string; // whose page it was asked on
  payer: string; // the connected wallet
}
export interface Heard {
  onSilent: () => void;
  onMade: (claim: MadeClaim) => void; // what is about to be signed
}

// True: the market has taken it. False: it may have landed all the same. What is thrown has cost
// nothing.
export function claimLease(asked: ClaimAsked, heard: Heard): Promise<boolean> {
  return claim(asked, heard).catch((error: unknown) => {
    throw inWords(error, "claim");
  });
}

async function claim({ lease, host, payer }: ClaimAsked, heard: Heard): Promise<boolean> {
  const path = `/v1/leases/${encodeURIComponent(lease)}`;
  const [{ program }, found] = await Promise.all([askMarket(), get<Lease>(path)]);
  demand(found.lease === lease && found.host === host, "claim");
  const made = await post<Schemas["UnsignedTransaction"]>(`${path}/claim`, { payer });
  const wire = bytesOf(made.transaction);
  const aliveUntil = checkClaim(wire, { program, lease, renter: found.renter, host, payer });
  heard.onMade({ before: found, aliveUntil });
  return signAndSend(wire, program, heard.onSilent);
}
