import { open, SYSTEM_PROGRAM, TAG } from "@obelisk/client";
import {
  AccountRole,
  getBase64Encoder,
  getTransactionDecoder,
  getTransactionEncoder,
  type Address,
  type Instruction,
  type SignatureBytes,
} from "@solana/kit";
import { beforeAll, expect, test } from "vitest";
import { checkQuote, type CheckedQuote } from "./check_quote.ts";
import { checkSigned, checkTransaction } from "./check_transaction.ts";
import { Refusal } from "./refusal.ts";
import { keyOf, makeQuote, setUnits, transactionOf } from "./testing.ts";

let made: Awaited<ReturnType<typeof makeQuote>>;
let checked: CheckedQuote;
beforeAll(async () => {
  made = await makeQuote();
  checked = await checkQuote(made.quote, made.asked, made.market, made.market.chain_time_s);
});

function nameOf(instructions: readonly Instruction[], payer = made.renter.address): string {
  return nameOfText(transactionOf(payer, instructions));
}

function nameOfText(base64: string): string {
  try {
    checkTransaction(base64, checked);
    return "passed";
  } catch (error) {
    if (error instanceof Refusal) return error.check;
    throw error;
  }
}

const transfer = (): Instruction => ({
  programAddress: SYSTEM_PROGRAM,
  accounts: [
    { address: made.renter.address, role: AccountRole.WRITABLE_SIGNER },
    { address: keyOf(5), role: AccountRole.WRITABLE },
  ],
  data: Uint8Array.of(2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0),
});
const setPrice = (microLamports: bigint): Instruction => {
  const data = new Uint8Array(9);
  data[0] = 3;
  new DataView(data.buffer).setBigUint64(1, microLamports, true);
  return { programAddress: "ComputeBudget111111111111111111111111111111" as Address, data };
};

test("the market's own transaction passes as it is", () => {
  expect(checkTransaction(made.quote.transaction, checked)).toEqual(
    new Uint8Array(getBase64Encoder().encode(made.quote.transaction)),
  );
  expect(nameOf([open(made.open)])).toBe("passed");
});

test("whoever pays the fees is the wallet", () => {
  expect(nameOf([open(made.open)], keyOf(5))).toBe("payer");
});

test("nothing else is done", () => {
  expect(nameOf([open(made.open), transfer()])).toBe("other-program");
  expect(nameOf([open(made.open), open(made.open)])).toBe("open");
  expect(nameOf([setUnits(5_000)])).toBe("open");
});

test("exactly the quoted lease is opened", () => {
  const other = { ...made.open };
  expect(nameOf([open({ ...other, host: keyOf(5) })])).toBe("open");
  expect(nameOf([open({ ...other, lease: keyOf(5) })])).toBe("open");
  expect(nameOf([open({ ...other, market: keyOf(5) })])).toBe("open");
  expect(nameOf([open({ ...other, rate: 714_287n })])).toBe("open");
  expect(nameOf([open({ ...other, seconds: 601 })])).toBe("open");
  expect(nameOf([open({ ...other, maxSeconds: 601 })])).toBe("open");
  expect(nameOf([open({ ...other, nonce: 1n })])).toBe("open");
  expect(nameOf([open({ ...other, bump: made.open.bump ^ 1 })])).toBe("open");
  expect(nameOf([open({ ...other, marketRev: 2 })])).toBe("open");
  expect(nameOf([open({ ...other, expiresAt: 1 })])).toBe("open");
  expect(nameOf([open({ ...other, termsHash: new Uint8Array(32) })])).toBe("open");
  const stop = { ...open(other), data: Uint8Array.of(TAG.stop, 0) };
  expect(nameOf([stop])).toBe("open");
});

test("no account has more rights than opening needs", () => {
  const call = open(made.open);
  const writable = call.accounts.map((account) =>
    account.address === made.open.market ? { ...account, role: AccountRole.WRITABLE } : account,
  );
  expect(nameOf([{ ...call, accounts: writable }])).toBe("rights");
  const signing = call.accounts.map((account) =>
    account.address === made.open.host
      ? { ...account, role: AccountRole.WRITABLE_SIGNER }
      : account,
  );
  expect(nameOf([{ ...call, accounts: signing }])).toBe("rights");
  const budget = {
    ...setUnits(5_000),
    accounts: [{ address: keyOf(5), role: AccountRole.READONLY }],
  };
  expect(nameOf([budget, call])).toBe("rights");
});

test("the network's part stays what was quoted", () => {
  const call = open(made.open);
  expect(nameOf([setUnits(20_001), call])).toBe("budget");
  expect(nameOf([setUnits(5_000), setUnits(5_000), call])).toBe("budget");
  expect(nameOf([setUnits(5_000), setPrice(1n), call])).toBe("network-fee");
  expect(nameOf([setPrice(1n), call])).toBe("network-fee");
});

test("what is no transaction is refused", () => {
  const bytes = Uint8Array.from(getBase64Encoder().encode(made.quote.transaction));
  const text = (some: Uint8Array) => btoa(String.fromCharCode(...some));
  expect(nameOfText("")).toBe("transaction");
  expect(nameOfText("!!!!")).toBe("transaction");
  expect(nameOfText(text(bytes.subarray(0, 100)))).toBe("transaction");
  expect(nameOfText(text(Uint8Array.of(...bytes, 0)))).toBe("transaction");
  for (let at = 0; at < bytes.length; ++at) {
    const bent = Uint8Array.from(bytes);
    bent[at] = (bent[at] ?? 0) ^ 1;
    // The blockhash may be any; every other bit is held.
    const isBlockhash = at >= 65 + 4 + 1 + 7 * 32 && at < 65 + 4 + 1 + 8 * 32;
    const isUnits = [1, 2, 3, 4].some((i) => at === 65 + 4 + 1 + 8 * 32 + 1 + 3 + i - 1 + 1);
    if (!isBlockhash && !isUnits) expect(nameOfText(text(bent)), `byte ${at}`).not.toBe("passed");
  }
});

async function signedWith(instructions: readonly Instruction[], payer = made.renter.address) {
  const wire = getBase64Encoder().encode(transactionOf(payer, instructions));
  const transaction = getTransactionDecoder().decode(wire);
  const signature = await made.renter.sign(new Uint8Array(transaction.messageBytes));
  return new Uint8Array(
    getTransactionEncoder().encode({
      ...transaction,
      signatures: { [payer]: signature as SignatureBytes },
    }),
  );
}

const backFrom = (signed: Uint8Array) =>
  checkSigned(signed, checkTransaction(made.quote.transaction, checked), made.open.program);

test("a wallet may add to it, and not change it", async () => {
  const call = open(made.open);
  await backFrom(await signedWith([setUnits(5_100), call]));
  await backFrom(await signedWith([setUnits(9_000), setPrice(5n), call, transfer()]));
  const bad = await signedWith([open({ ...made.open, seconds: 601 })]);
  await expect(backFrom(bad)).rejects.toThrow("wallet-changed");
  await expect(backFrom(await signedWith([setUnits(1)]))).rejects.toThrow("wallet-changed");
  const others = await signedWith([call], keyOf(5)).catch(() => undefined);
  if (others) await expect(backFrom(others)).rejects.toThrow("wallet-changed");
});

test("a signature that is not there, or not the wallet's, is found", async () => {
  const unsigned = Uint8Array.from(getBase64Encoder().encode(made.quote.transaction));
  await expect(backFrom(unsigned)).rejects.toThrow("wallet-signature");
  const signed = await signedWith([open(made.open)]);
  signed[10] = (signed[10] ?? 0) ^ 1;
  await expect(backFrom(signed)).rejects.toThrow("wallet-signature");
});
