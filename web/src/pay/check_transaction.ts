// Takes the market's transaction apart before the wallet sees it, and the wallet's before it is
// sent: it opens exactly the lease of the quote, and does nothing else.
import { open as openInstruction, type LeaseInstruction } from "@obelisk/client";
import {
  AccountRole,
  getBase64Encoder,
  getCompiledTransactionMessageDecoder,
  getCompiledTransactionMessageEncoder,
  getTransactionDecoder,
  getTransactionEncoder,
  type CompiledTransactionMessage,
  type CompiledTransactionMessageWithLifetime,
} from "@solana/kit";
import { isSignedBy, type CheckedQuote } from "./check_quote.ts";
import { demand, Refusal } from "./refusal.ts";

const COMPUTE_BUDGET = "ComputeBudget111111111111111111111111111111";
const MOST_UNITS = 20_000; // four times what `open` can need
const UNITS_UNSAID = 200_000; // of an instruction where no limit is set
const PER_SIGNATURE = 5_000n;
const STOP_SIGNATURES = 2n; // of the dearest stop, which the quoted fees still have to pay
const MOST_TRANSACTION = 1_232;

type Compiled = CompiledTransactionMessage & CompiledTransactionMessageWithLifetime;

interface Call {
  program: string;
  accounts: { address: string; role: AccountRole }[];
  data: Uint8Array;
}

interface Opened {
  bytes: Uint8Array;
  message: Uint8Array<ArrayBuffer>;
  compiled: Compiled;
  signature: Uint8Array | null | undefined; // of the payer
  payer: string;
  calls: Call[];
}

// Throws a Refusal, or returns the bytes that the wallet may be asked to sign.
export function checkTransaction(base64: string, quote: CheckedQuote): Uint8Array {
  const opened = read(bytesOf(base64));
  const { compiled, calls } = opened;
  demand(opened.payer === quote.terms.renter, "payer");
  demand(compiled.header.numSignerAccounts === 1, "rights");
  demand(!opened.signature, "transaction");
  demand(/^[1-9A-HJ-NP-Za-km-z]{32,44}$/.test(compiled.lifetimeToken), "lifetime");
  const open = openInstruction(quote.open);
  for (const call of calls) {
    if (call.program === COMPUTE_BUDGET) demand(call.accounts.length === 0, "rights");
    else demand(call.program === quote.terms.program, "other-program", call.program);
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

function bytesOf(base64: string): Uint8Array {
  try {
    return new Uint8Array(getBase64Encoder().encode(base64));
  } catch {
    throw new Refusal("transaction");
  }
}

function read(bytes: Uint8Array): Opened {
  demand(bytes.length <= MOST_TRANSACTION, "transaction");
  try {
    const transaction = getTransactionDecoder().decode(bytes);
    const compiled = getCompiledTransactionMessageDecoder().decode(
      transaction.messageBytes,
    ) as Compiled;
    // What is left over behind a transaction, or written in another way than the one.
    const again = getTransactionEncoder().encode(transaction);
    demand(isSame(again, bytes), "transaction");
    const message = getCompiledTransactionMessageEncoder().encode(compiled);
    demand(isSame(message, transaction.messageBytes), "transaction");
    demand(compiled.version === 0 || compiled.version === "legacy", "transaction");
    const lookups = "addressTableLookups" in compiled ? compiled.addressTableLookups : undefined;
    demand((lookups ?? []).length === 0, "transaction");
    const payer = compiled.staticAccounts[0];
    demand(payer !== undefined, "payer");
    return {
      bytes,
      message: new Uint8Array(transaction.messageBytes),
      compiled,
      signature: transaction.signatures[payer] as Uint8Array | null | undefined,
      payer,
      calls: callsOf(compiled),
    };
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw new Refusal("transaction");
  }
}

function roleOf(compiled: Compiled, index: number): AccountRole {
  const { numSignerAccounts, numReadonlySignerAccounts, numReadonlyNonSignerAccounts } =
    compiled.header;
  const signs = index < numSignerAccounts;
  const writes = signs
    ? index < numSignerAccounts - numReadonlySignerAccounts
    : index < compiled.staticAccounts.length - numReadonlyNonSignerAccounts;
  if (signs) return writes ? AccountRole.WRITABLE_SIGNER : AccountRole.READONLY_SIGNER;
  return writes ? AccountRole.WRITABLE : AccountRole.READONLY;
}

function callsOf(compiled: Compiled): Call[] {
  const { instructions, staticAccounts } = compiled as Extract<Compiled, { version: 0 }>;
  const keyAt = (index: number): string => {
    const key = staticAccounts[index];
    demand(key !== undefined, "transaction");
    return key;
  };
  return instructions.map((one) => ({
    program: keyAt(one.programAddressIndex),
    accounts: (one.accountIndices ?? []).map((index) => ({
      address: keyAt(index),
      role: roleOf(compiled, index),
    })),
    data: new Uint8Array(one.data ?? []),
  }));
}

function isSame(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  return a.length === b.length && Array.from(a).every((byte, i) => byte === b[i]);
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
function staysWithinFees({ calls, compiled }: Opened, quote: CheckedQuote): void {
  let units: number | undefined;
  let microLamports = 0n;
  const budget = calls.filter((call) => call.program === COMPUTE_BUDGET);
  for (const { data } of budget) {
    const view = new DataView(data.buffer, data.byteOffset, data.length);
    if (data[0] === 2 && data.length === 5 && units === undefined) units = view.getUint32(1, true);
    else if (data[0] === 3 && data.length === 9 && microLamports === 0n)
      microLamports = view.getBigUint64(1, true);
    else throw new Refusal("budget");
  }
  demand((units ?? 0) <= MOST_UNITS, "budget");
  const asked = BigInt(units ?? UNITS_UNSAID * (calls.length - budget.length));
  const fee =
    PER_SIGNATURE * BigInt(compiled.header.numSignerAccounts) +
    (asked * microLamports + 999_999n) / 1_000_000n;
  const quoted = BigInt(quote.terms.debit.network_fees_lamports);
  demand(fee + STOP_SIGNATURES * PER_SIGNATURE <= quoted, "network-fee");
}
