// Takes the market's transaction apart before the wallet sees it, and the wallet's before it is
// sent: it opens exactly the lease of the quote, and does nothing else.
import { open as openInstruction, type LeaseInstruction } from "@obelisk/client";
import { AccountRole } from "@solana/kit";
import { isSignedBy, type CheckedQuote } from "./check_quote.ts";
import {
  budgetOf,
  bytesOf,
  COMPUTE_BUDGET,
  isForWallet,
  isSame,
  networkFee,
  read,
  roleOf,
  type Call,
  type Compiled,
  type Opened,
} from "./read_transaction.ts";
import { demand, Refusal } from "./refusal.ts";

const MOST_UNITS = 20_000; // four times what `open` can need
const STOP_FEE = 10_000n; // of the dearest stop, which the quoted fees still have to pay

// Throws a Refusal, or returns the bytes that the wallet may be asked to sign.
export function checkTransaction(base64: string, quote: CheckedQuote): Uint8Array {
  const opened = read(bytesOf(base64));
  const { compiled, calls } = opened;
  isForWallet(opened, quote.terms.renter);
  demand(/^[1-9A-HJ-NP-Za-km-z]{32,44}$/.test(compiled.lifetimeToken), "lifetime");
  const open = openInstruction(quote.open);
  for (const { program } of calls) {
    const isKnown = program === COMPUTE_BUDGET || program === quote.terms.program;
    demand(isKnown, "other-program", program);
  }
  callsOnce(calls, open);
  hasNoStrangeKeys(compiled, open);
  staysWithinFees(opened, quote);
  return opened.bytes;
}

// What came back from the wallet for a transaction that was checked: it may have added instructions
// of its own, since it holds the key anyway; what the program is to do, and who pays, are what they
// were, and the signature is the payer's.
export async function checkSigned(
  signed: Uint8Array,
  given: Uint8Array,
  program: string,
): Promise<void> {
  const wanted = read(given);
  let opened: Opened;
  try {
    opened = read(signed);
  } catch {
    throw new Refusal("wallet-changed");
  }
  demand(opened.payer === wanted.payer, "wallet-changed");
  const ours = ({ calls }: Opened) => calls.filter((call) => call.program === program);
  const [before, after] = [ours(wanted), ours(opened)];
  demand(before.length > 0 && before.length === after.length, "wallet-changed");
  for (const [i, call] of before.entries()) {
    const now = after[i];
    demand(now !== undefined && isSameCall(call, now), "wallet-changed");
  }
  const { signature, message } = opened;
  demand(!!signature && (await isSignedBy(opened.payer, signature, message)), "wallet-signature");
}

function isSameCall(a: Call, b: Call): boolean {
  const keys = (call: Call) => call.accounts.map((account) => account.address).join();
  return isSame(a.data, b.data) && keys(a) === keys(b);
}

// Of the program's instructions there is exactly this one.
function callsOnce(calls: readonly Call[], wanted: LeaseInstruction): void {
  const ours = calls.filter((call) => call.program === wanted.programAddress);
  demand(ours.length === 1, "open");
  const [call] = ours;
  demand(call !== undefined && isSame(call.data, wanted.data), "open");
  demand(call.accounts.length === wanted.accounts.length, "open");
  demand(
    wanted.accounts.every((account, i) => account.address === call.accounts[i]?.address),
    "open",
  );
}

// Keys of a message can be there without any instruction that uses them; none may be, and none may
// have more rights than opening needs.
function hasNoStrangeKeys(compiled: Compiled, wanted: LeaseInstruction): void {
  const roles = new Map<string, AccountRole>(
    wanted.accounts.map((account) => [account.address, account.role]),
  );
  for (const [index, key] of compiled.staticAccounts.entries()) {
    const isProgram = key === wanted.programAddress || key === COMPUTE_BUDGET;
    const allowed = roles.get(key) ?? (isProgram ? AccountRole.READONLY : undefined);
    demand(allowed !== undefined && roleOf(compiled, index) === allowed, "rights", key);
  }
}

// What the network may take for this transaction, and what is left of the quoted fees after it.
function staysWithinFees(opened: Opened, quote: CheckedQuote): void {
  demand((budgetOf(opened).units ?? 0) <= MOST_UNITS, "budget");
  const quoted = BigInt(quote.terms.debit.network_fees_lamports);
  demand(networkFee(opened) + STOP_FEE <= quoted, "network-fee");
}
