// What every change of a lease ends with, once its transaction was taken apart: the wallet signs
// it, what came back is compared with what was given, and it is sent.
import { signTransaction } from "../wallet/wallet.svelte.ts";
import { checkSigned } from "./check_transaction.ts";
import { sendOrUnsure } from "./send.ts";

// True: the market has taken it. False: it may have landed all the same. What is thrown has cost
// nothing.
export async function signAndSend(
  wire: Uint8Array,
  program: string,
  onSilent: () => void,
): Promise<boolean> {
  const signed = await signTransaction(wire);
  await checkSigned(signed, wire, program);
  return sendOrUnsure(signed, onSilent);
}
