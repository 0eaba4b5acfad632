// What stops, extends and claims of a lease have in common: the transaction of the wallet that
// signs, and a bounded fee. A quote bounds the fee of a payment; here nothing was quoted, and a fee
// could drain a wallet.
import {
  COMPUTE_BUDGET,
  isForWallet,
  networkFee,
  type Call,
  type Opened,
} from "./read_transaction.ts";
import { demand } from "./refusal.ts";

// As much as the command line offers at most for one transaction: ten signatures.
const MOST_NETWORK_FEE = 50_000n;

// The calls that are not about what the transaction offers for its place.
export function callsOfChange(opened: Opened, wallet: string): readonly Call[] {
  isForWallet(opened, wallet);
  demand(networkFee(opened) <= MOST_NETWORK_FEE, "fee-limit");
  return opened.calls.filter((call) => call.program !== COMPUTE_BUDGET);
}
