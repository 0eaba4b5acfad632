// What an unsigned transaction would do, taken apart before a wallet sees it. The market is not
// believed: whatever is not exactly what one asked for is refused, and nothing is signed.
import {
  getBase64Decoder,
  getBase64Encoder,
  getCompiledTransactionMessageDecoder,
  getCompiledTransactionMessageEncoder,
  getTransactionDecoder,
  getTransactionEncoder,
} from "@solana/kit";
import { Problem } from "../lib/api.ts";

export interface Account {
  address: string;
  isSigner: boolean;
  isWritable: boolean;
}
export interface Call {
  program: string;
  accounts: readonly Account[];
  data: Uint8Array;
}
export interface ReadTransaction {
  payer: string;
  signers: readonly string[];
  calls: readonly Call[];
}

export const COMPUTE_BUDGET_PROGRAM = "ComputeBudget111111111111111111111111111111";
const LAMPORTS_PER_SIGNATURE = 5_000n;
// As much as the command line offers at most for one transaction: ten signatures.
const MOST_NETWORK_FEE = 50_000n;
const UNITS_WITHOUT_LIMIT = 200_000n; // of each call, where none is set
const MICRO = 1_000_000n;

export function refused(what: string): Problem {
  return new Problem(
    "refused",
    `${what} It was not signed.`,
    "Use the command line, which makes this transaction itself: obelisk stop, obelisk extend.",
    0n,
    0,
  );
}

export function bytesOf(base64: string): Uint8Array {
  try {
    return new Uint8Array(getBase64Encoder().encode(base64));
  } catch {
    throw refused("The market's transaction cannot be read.");
  }
}

export function base64Of(bytes: Uint8Array): string {
  return getBase64Decoder().decode(bytes);
}

function messageOf(wire: Uint8Array) {
  try {
    const transaction = getTransactionDecoder().decode(wire);
    const message = getCompiledTransactionMessageDecoder().decode(transaction.messageBytes);
    return { transaction, message };
  } catch {
    throw refused("The market's transaction cannot be read.");
  }
}

// Legacy and v0 without lookup tables: in no other can every account be seen.
export function readTransaction(wire: Uint8Array): ReadTransaction {
  const { message } = messageOf(wire);
  if (message.version !== "legacy" && message.version !== 0)
    throw refused("The market's transaction is of a kind that cannot be read here.");
  if (message.version === 0 && (message.addressTableLookups?.length ?? 0) > 0)
    throw refused("The market's transaction names accounts that cannot be seen.");
  const keys = message.staticAccounts;
  const { numSignerAccounts, numReadonlySignerAccounts, numReadonlyNonSignerAccounts } =
    message.header;
  const account = (index: number): Account => {
    const address = keys[index];
    if (address === undefined) throw refused("The market's transaction cannot be read.");
    const isSigner = index < numSignerAccounts;
    const isWritable = isSigner
      ? index < numSignerAccounts - numReadonlySignerAccounts
      : index < keys.length - numReadonlyNonSignerAccounts;
    return { address, isSigner, isWritable };
  };
  return {
    payer: account(0).address,
    signers: keys.slice(0, numSignerAccounts),
    calls: message.instructions.map((one) => ({
      program: account(one.programAddressIndex).address,
      accounts: (one.accountIndices ?? []).map(account),
      data: new Uint8Array(one.data ?? []),
    })),
  };
}

// The calls that are not about what the transaction offers for its place. Refused: a second signer,
// another payer, or a fee above the limit, which a transaction could drain a wallet by.
export function callsOf(read: ReadTransaction, payer: string): readonly Call[] {
  if (read.payer !== payer || read.signers.length !== 1)
    throw refused("The market's transaction is not for this wallet to sign.");
  const budget = read.calls.filter((call) => call.program === COMPUTE_BUDGET_PROGRAM);
  const others = read.calls.filter((call) => call.program !== COMPUTE_BUDGET_PROGRAM);
  if (networkFee(budget, BigInt(others.length)) > MOST_NETWORK_FEE)
    throw refused("The market's transaction offers the network more than 50 000 lamports.");
  return others;
}

function networkFee(budget: readonly Call[], calls: bigint): bigint {
  let units = UNITS_WITHOUT_LIMIT * calls;
  let price = 0n;
  for (const { data, accounts } of budget) {
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    if (accounts.length === 0 && data[0] === 2 && data.length === 5)
      units = BigInt(view.getUint32(1, true));
    else if (accounts.length === 0 && data[0] === 3 && data.length === 9)
      price = view.getBigUint64(1, true);
    else throw refused("The market's transaction asks the network for something unknown.");
  }
  return LAMPORTS_PER_SIGNATURE + (units * price + MICRO - 1n) / MICRO;
}

// The same transaction with other bytes as data of one of its calls, unsigned.
export function withData(wire: Uint8Array, index: number, data: Uint8Array): Uint8Array {
  const { transaction, message } = messageOf(wire);
  if (message.version !== "legacy" && message.version !== 0)
    throw refused("The market's transaction is of a kind that cannot be read here.");
  const instructions = message.instructions.map((one, i) => (i === index ? { ...one, data } : one));
  const messageBytes = getCompiledTransactionMessageEncoder().encode({
    ...message,
    instructions,
  }) as typeof transaction.messageBytes;
  return new Uint8Array(getTransactionEncoder().encode({ ...transaction, messageBytes }));
}
