// A transaction taken apart, before a wallet sees it or after it signed: the one reader behind
// every check. What cannot be read whole, or is written in another way than the one, is refused.
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
import { demand, Refusal } from "./refusal.ts";

export const COMPUTE_BUDGET = "ComputeBudget111111111111111111111111111111";
export const ED25519_PROGRAM = "Ed25519SigVerify111111111111111111111111111";
const MOST_TRANSACTION = 1_232;
const PER_SIGNATURE = 5_000n;
const UNITS_UNSAID = 200_000; // of each call, where no limit is set
const MICRO = 1_000_000n;

export type Compiled = CompiledTransactionMessage & CompiledTransactionMessageWithLifetime;

export interface Call {
  program: string;
  accounts: readonly { address: string; role: AccountRole }[];
  data: Uint8Array;
}

export interface Opened {
  bytes: Uint8Array;
  message: Uint8Array<ArrayBuffer>;
  compiled: Compiled;
  signature: Uint8Array | null | undefined; // of the payer
  payer: string;
  calls: readonly Call[];
}

export function bytesOf(base64: string): Uint8Array {
  try {
    return new Uint8Array(getBase64Encoder().encode(base64));
  } catch {
    throw new Refusal("transaction");
  }
}

// Legacy and v0 without lookup tables: in no other can every account be seen.
export function read(bytes: Uint8Array): Opened {
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

export function roleOf(compiled: Compiled, index: number): AccountRole {
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

export function isSame(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  return a.length === b.length && Array.from(a).every((byte, i) => byte === b[i]);
}

// It is this wallet's to sign, and nobody else's.
export function isForWallet({ compiled, payer, signature }: Opened, wallet: string): void {
  demand(payer === wallet, "payer");
  demand(compiled.header.numSignerAccounts === 1, "rights");
  demand(!signature, "transaction");
}

// What it asks of the network, each thing once and nothing unknown.
export function budgetOf({ calls }: Opened): { units: number | undefined; microLamports: bigint } {
  let units: number | undefined;
  let microLamports = 0n;
  for (const { program, accounts, data } of calls) {
    if (program !== COMPUTE_BUDGET) continue;
    demand(accounts.length === 0, "rights");
    const view = new DataView(data.buffer, data.byteOffset, data.length);
    if (data[0] === 2 && data.length === 5 && units === undefined) units = view.getUint32(1, true);
    else if (data[0] === 3 && data.length === 9 && microLamports === 0n)
      microLamports = view.getBigUint64(1, true);
    else throw new Refusal("budget");
  }
  return { units, microLamports };
}

// The most that the network takes for it. A signature that it proves costs as much as its own.
export function networkFee(opened: Opened): bigint {
  const { units, microLamports } = budgetOf(opened);
  const others = opened.calls.filter((call) => call.program !== COMPUTE_BUDGET).length;
  const asked = BigInt(units ?? UNITS_UNSAID * others);
  const proofs = opened.calls.filter((call) => call.program === ED25519_PROGRAM);
  const proven = proofs.reduce((sum, call) => sum + (call.data[0] ?? 0), 0);
  const signatures = BigInt(opened.compiled.header.numSignerAccounts + proven);
  return PER_SIGNATURE * signatures + (asked * microLamports + MICRO - 1n) / MICRO;
}

// The same transaction with other bytes as data of one of its calls, unsigned.
export function withData({ bytes, compiled }: Opened, index: number, data: Uint8Array): Uint8Array {
  const { instructions, ...rest } = compiled as Extract<Compiled, { version: 0 }>;
  const changed = instructions.map((one, i) => (i === index ? { ...one, data } : one));
  const transaction = getTransactionDecoder().decode(bytes);
  const messageBytes = getCompiledTransactionMessageEncoder().encode({
    ...rest,
    instructions: changed,
  }) as typeof transaction.messageBytes;
  return new Uint8Array(getTransactionEncoder().encode({ ...transaction, messageBytes }));
}
