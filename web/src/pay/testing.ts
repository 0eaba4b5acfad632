// A market of the tests' own: it signs quotes and builds their transactions with kit, so that the
// checks are held against the reference client and not against themselves.
import { findLease, findMarket, open, SYSTEM_PROGRAM, type OpenInput } from "@obelisk/client";
import {
  AccountRole,
  appendTransactionMessageInstructions,
  compileTransaction,
  createTransactionMessage,
  getAddressDecoder,
  getBase58Decoder,
  getBase64EncodedWireTransaction,
  pipe,
  setTransactionMessageFeePayer,
  setTransactionMessageLifetimeUsingBlockhash,
  type Address,
  type Blockhash,
  type Instruction,
} from "@solana/kit";
import { price } from "../../../program/client/protocol.ts";
import type { MarketInfo, Quote } from "../lib/api.ts";
import type { Asked } from "./check_quote.ts";
import { canonical } from "./terms.ts";

export const NOW = 1_795_000_000;
export const BLOCKHASH = "4sBizKqX6qD15EfGEmLDKrtrAUUL9ceQkMzEMrscZVET" as Blockhash;
export const FINGERPRINT = "SHA256:yh816RGURCm9dNDoZzQqHGBM7bdHjin4Mwd3x26hXQY";

export const keyOf = (byte: number): Address =>
  getAddressDecoder().decode(new Uint8Array(32).fill(byte));

export interface Signer {
  address: Address;
  sign: (message: Uint8Array) => Promise<Uint8Array>;
}

export async function newSigner(): Promise<Signer> {
  const pair = (await crypto.subtle.generateKey("Ed25519", true, ["sign"])) as CryptoKeyPair;
  const raw = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  return {
    address: getAddressDecoder().decode(raw),
    sign: async (message) =>
      new Uint8Array(await crypto.subtle.sign("Ed25519", pair.privateKey, new Uint8Array(message))),
  };
}

export const setUnits = (units: number): Instruction => {
  const data = new Uint8Array(5);
  data[0] = 2;
  new DataView(data.buffer).setUint32(1, units, true);
  return { programAddress: "ComputeBudget111111111111111111111111111111" as Address, data };
};

export const setPrice = (microLamports: bigint): Instruction => {
  const data = new Uint8Array(9);
  data[0] = 3;
  new DataView(data.buffer).setBigUint64(1, microLamports, true);
  return { programAddress: "ComputeBudget111111111111111111111111111111" as Address, data };
};

// A SOL, sent by the System program: what no transaction of ours has any business with.
export const transferOf = (from: Address, to: Address): Instruction => ({
  programAddress: SYSTEM_PROGRAM,
  accounts: [
    { address: from, role: AccountRole.WRITABLE_SIGNER },
    { address: to, role: AccountRole.WRITABLE },
  ],
  data: Uint8Array.of(2, 0, 0, 0, 0, 202, 154, 59, 0, 0, 0, 0),
});

export function transactionOf(payer: Address, instructions: readonly Instruction[]): string {
  const message = pipe(
    createTransactionMessage({ version: 0 }),
    (one) => setTransactionMessageFeePayer(payer, one),
    (one) =>
      setTransactionMessageLifetimeUsingBlockhash(
        { blockhash: BLOCKHASH, lastValidBlockHeight: 1_000n },
        one,
      ),
    (one) => appendTransactionMessageInstructions(instructions, one),
  );
  return getBase64EncodedWireTransaction(compileTransaction(message));
}

export interface Made {
  quote: Quote;
  asked: Asked;
  market: MarketInfo;
  open: OpenInput;
  renter: Signer;
}

const RATE = 714_286n;
const SECONDS = 600;

// `bend` changes the terms before they are signed; `by` is whose they are, where it matters.
export async function makeQuote(
  bend: (terms: Record<string, unknown>) => void = () => {},
  by?: { attestor: Signer; renter: Signer },
) {
  const { attestor, renter } = by ?? { attestor: await newSigner(), renter: await newSigner() };
  const [program, operator, host, treasury] = [keyOf(9), keyOf(8), keyOf(7), keyOf(6)];
  const [account] = await findMarket(program, operator);
  const whole = price(RATE, SECONDS);
  const terms: Record<string, unknown> = {
    attestor: attestor.address,
    card: "cpu",
    cards: [{ memory_bytes: 0, uuid: "CPU-810bef6451f9d941" }],
    cpu_milli: 1_000,
    debit: {
      bond_lamports: "2951040",
      cards_lamports: String(whole),
      disk_lamports: "0",
      network_fees_lamports: "15000",
      price_lamports: String(whole),
      total_lamports: String(whole + 2_951_040n + 15_000n),
      traffic_lamports: "0",
    },
    disk_bytes: 21_474_836_480,
    expires_at: NOW + 60,
    fee_bps: 250,
    host,
    image: `sha256:${"ab".repeat(32)}`,
    lamports_per_hour: String(RATE),
    market: account,
    market_rev: 1,
    max_seconds: 604_800,
    nonce: "15097210866174893054",
    offer: "7d70e8c05e3ae9ff",
    ports: [22],
    program,
    ram_bytes: 9_478_522_368,
    renter: renter.address,
    seconds: SECONDS,
    simulated: false,
    sol_price: { at_ms: NOW * 1_000, micro_usd_per_sol: 140_000_000, source: "fixed" },
    ssh_key: FINGERPRINT,
    unproven_limit_s: 3_600,
    version: 1,
  };
  bend(terms);
  const text = canonical(terms);
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  const hash = new Uint8Array(digest);
  const mark = new TextEncoder().encode("OBELISKQ");
  const signature = await attestor.sign(new Uint8Array([...mark, ...hash]));
  const nonce = BigInt(String(terms["nonce"]));
  const [lease, bump] = await findLease(program, renter.address, nonce);
  const input: OpenInput = {
    program,
    renter: renter.address,
    lease,
    host,
    market: account,
    bump,
    nonce,
    marketRev: 1,
    expiresAt: NOW + 60,
    rate: BigInt(String(terms["lamports_per_hour"])),
    seconds: SECONDS,
    maxSeconds: 604_800,
    termsHash: hash,
  };
  const quote = {
    ...terms,
    id: Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join(""),
    lease,
    terms: text,
    signature: getBase58Decoder().decode(signature),
    breakdown: { ...(terms["debit"] as object), total_micro_usd: 431_913 },
    sol_price: { micro_usd_per_sol: 140_000_000, source: "fixed", at: "2026-11-18T11:06:40Z" },
    offer: { id: terms["offer"], card: terms["card"], simulated: false },
    count: 1,
    expires_at: "2026-11-18T11:07:40Z",
    expires_at_s: terms["expires_at"],
    transaction: transactionOf(renter.address, [setUnits(5_100), open(input)]),
    last_valid_block_height: 1_000,
  } as unknown as Quote;
  const asked: Asked = {
    quote: quote.id,
    lease,
    breakdown: { ...quote.breakdown },
    card: "cpu",
    host,
    simulated: false,
    renter: renter.address,
    offer: "7d70e8c05e3ae9ff",
    count: 1,
    seconds: SECONDS,
    keyFingerprint: FINGERPRINT,
  };
  const market: MarketInfo = {
    version: "0.1.0",
    program,
    market: account,
    operator,
    treasury,
    attestor: attestor.address,
    market_rev: 1,
    fee_bps: 250,
    ready_deadline_s: 60,
    gap_limit_s: 180,
    claim_window_s: 21_600,
    paused: false,
    local: true,
    chain_time_s: NOW,
  };
  return { quote, asked, market, open: input, renter, attestor } satisfies Made & {
    attestor: Signer;
  };
}
