/** What the tests of the ledger share: a chain of no process, on a clock of its own. */
import assert from "node:assert/strict";
import { join } from "node:path";
import * as kit from "@solana/kit";
import { Journal } from "../lib/journal.mjs";
import { Ledger } from "../lib/ledger.mjs";
import { decodeTransaction } from "../lib/wire.mjs";
import { kSol, sign, transferOf } from "./support.mjs";

export const kGenesisMs = 1_700_000_000_000;
export const kSlotMs = 200;

/** A chain whose clock only moves when it is told to. */
export class Chain {
  nowMs = kGenesisMs + 64 * kSlotMs;

  constructor(dir, historyLimit) {
    this.path = join(dir, "journal.jsonl");
    this.historyLimit = historyLimit;
    this.open();
  }

  open() {
    this.ledger?.close();
    this.ledger = new Ledger({
      chain: {
        genesis_ms: kGenesisMs, slot_ms: kSlotMs, seed: "ab".repeat(32), features: "mainnet",
        rent_lamports_per_byte: null,
      },
      journal: new Journal(this.path),
      report: (error) => { throw error; },
      nowMs: () => this.nowMs,
      historyLimit: this.historyLimit,
    });
    return this.ledger;
  }

  slots(count) {
    this.nowMs += count * kSlotMs;
    this.ledger.advance();
  }

  latest() {
    return this.ledger.hashes.latest(this.ledger.slot);
  }
}

/** A signed transaction as the ledger takes it. */
export async function signed(lifetime, payer, instructions) {
  const transaction = await sign(
    { ...lifetime, lastValidBlockHeight: BigInt(lifetime.lastValidBlockHeight) }, payer,
    instructions, "legacy",
  );
  return decodeTransaction(Uint8Array.from(kit.getTransactionEncoder().encode(transaction)));
}

export const transfer = (lifetime, payer, to, lamports) =>
  signed(lifetime, payer, [transferOf(payer, to, lamports)]);

export async function funded(chain) {
  const signer = await kit.generateKeyPairSigner();
  assert.ok(chain.ledger.airdrop(signer.address, 10n * kSol));
  return signer;
}

export const newAddress = async () => (await kit.generateKeyPairSigner()).address;
