// Claims what is proven of a lease, for its host: asks the market for the transaction, checks that
// it does exactly that, has the wallet sign it, checks what came back, and sends it. Imported when
// somebody clicks, with kit.
import { get, post, type Lease, type Schemas } from "../lib/api.ts";
import { askMarket } from "../lib/market.svelte.ts";
import { signTransaction } from "../wallet/wallet.svelte.ts";
import { checkClaim, claimPays } from "./check_claim.ts";
import { checkSigned } from "./check_transaction.ts";
import { bytesOf } from "./read_transaction.ts";
import { demand } from "./refusal.ts";
import { sendOrUnsure } from "./send.ts";
import { inWords } from "./words.ts";

export interface ClaimAsked {
  lease: string;
  host: string; // whose page it was asked on
  payer: string; // the connected wallet
}
interface Heard {
  onSilent: () => void;
  onPays: (lamports: bigint) => void; // what the host gets, where it can be reckoned
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
  const pays = claimPays(found, aliveUntil);
  if (pays !== undefined) heard.onPays(pays);
  const signed = await signTransaction(wire);
  await checkSigned(signed, wire, program);
  return sendOrUnsure(signed, heard.onSilent);
}
