// The program's calls on a lease that already stands, told from everything else: what the checks of
// a stop and of a claim have in common.
import { ED25519_PROGRAM, type Call } from "./read_transaction.ts";

export interface Parties {
  program: string;
  lease: string;
  renter: string;
  host: string;
}

const CLAIM = 6;
const INSTRUCTIONS_SYSVAR = "Sysvar1nstructions1111111111111111111111111";

export const isCall = (call: Call, program: string, data: readonly number[]) =>
  call.program === program &&
  call.data.length === data.length &&
  data.every((byte, i) => call.data[i] === byte);

// The first accounts are these, in this order, and there are exactly so many.
export const names = (call: Call, count: number, first: readonly string[]) =>
  call.accounts.length === count && first.every((key, i) => call.accounts[i]?.address === key);

// The fourth account of stop and claim, the treasury, is not looked at: the program takes none but
// the one that stands in the lease, and a lease outlives a change of the market's treasury.
export function isClaim(proof: Call, claim: Call, want: Parties): boolean {
  return (
    proof.program === ED25519_PROGRAM &&
    proof.accounts.length === 0 &&
    isCall(claim, want.program, [CLAIM]) &&
    names(claim, 5, [want.lease, want.renter, want.host]) &&
    claim.accounts[4]?.address === INSTRUCTIONS_SYSVAR
  );
}
