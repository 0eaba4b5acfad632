// Whether a transaction pays what is proven of one lease and does nothing else: the attestor's
// signature as the network checks it, then `claim`. Anybody may pay for it; whom it pays stands in
// the lease.
import { getAddressDecoder } from "@solana/kit";
import { callsOfChange } from "./lease_change.ts";
import { isClaim, type Parties } from "./lease_calls.ts";
import { read } from "./read_transaction.ts";
import { demand } from "./refusal.ts";

export interface Claim extends Parties {
  payer: string; // the wallet that signs, and pays the network alone
}

// Of the instruction that proves: its size, and where in it lies what the attestor signed.
const PROOF_SIZE = 200;
const MESSAGE = 112;
const PROGRAM_AT = MESSAGE + 8;
const LEASE_AT = PROGRAM_AT + 32;
const ALIVE_AT = LEASE_AT + 40;

// The chain second up to which it proves that the lease was served. Refused: anything else.
export function checkClaim(wire: Uint8Array, want: Claim): bigint {
  const opened = read(wire);
  const { length } = callsOfChange(opened, want.payer);
  // The program looks for the proof right before its call, so nothing may come between them.
  const [proof, claim] = opened.calls.slice(-2);
  demand(length === 2 && proof !== undefined && claim !== undefined, "claim");
  demand(isClaim(proof, claim, want) && proof.data.length === PROOF_SIZE, "claim");
  const keyAt = (at: number): string => getAddressDecoder().decode(proof.data, at);
  demand(keyAt(PROGRAM_AT) === want.program && keyAt(LEASE_AT) === want.lease, "claim");
  const { buffer, byteOffset, byteLength } = proof.data;
  return new DataView(buffer, byteOffset, byteLength).getBigInt64(ALIVE_AT, true);
}
