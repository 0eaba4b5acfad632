// A claim as a market makes it, each thing that could be bent about it.
import * as client from "@obelisk/client";
import { AccountRole, type Instruction } from "@solana/kit";
import { describe, expect, it } from "vitest";
import { checkClaim } from "./check_claim.ts";
import { bytesOf, networkFee, read } from "./read_transaction.ts";
import { Refusal } from "./refusal.ts";
import { keyOf, setPrice, setUnits, transactionOf, transferOf } from "./testing.ts";

const [program, lease, renter, host, treasury] = [1, 2, 3, 4, 5].map(keyOf) as [
  client.ClaimInput["program"],
  client.ClaimInput["lease"],
  client.ClaimInput["renter"],
  client.ClaimInput["host"],
  client.ClaimInput["treasury"],
];
const [payer, attestor, stranger] = [keyOf(6), keyOf(7), keyOf(8)];
const parties = { program, lease, renter, host, treasury };
const want = { program, lease, renter, host, payer };
const ALIVE = 1_795_000_900n;

const made = (calls: readonly Instruction[], by = payer) => bytesOf(transactionOf(by, calls));
const proofOf = (more: Partial<client.Attestation> = {}) =>
  client.ed25519({
    signer: attestor,
    signature: new Uint8Array(64),
    message: client.attestation({ program, lease, openedSlot: 7, aliveUntil: ALIVE, ...more }),
  });
const proof = proofOf();
const claim = client.claim(parties);
const transfer = transferOf(payer, stranger);

describe("a transaction that claims", () => {
  it("is taken as the market makes it, whoever pays for it", () => {
    expect(checkClaim(made([proof, claim]), want)).toBe(ALIVE);
    expect(checkClaim(made([setUnits(20_000), setPrice(1_000n), proof, claim]), want)).toBe(ALIVE);
    for (const who of [host, renter])
      expect(checkClaim(made([proof, claim], who), { ...want, payer: who })).toBe(ALIVE);
  });
  it("costs the signature of its payer, and that of its proof", () => {
    expect(networkFee(read(made([setUnits(20_000), proof, claim])))).toBe(10_000n);
  });
  it("is refused where it does anything else", () => {
    const another = (more: object) => client.claim({ ...parties, ...more });
    const cosigned = { address: stranger, role: AccountRole.READONLY_SIGNER };
    const bent: readonly (readonly [string, Uint8Array])[] = [
      ["another lease", made([proof, another({ lease: stranger })])],
      ["another host", made([proof, another({ host: stranger })])],
      ["another renter", made([proof, another({ renter: stranger })])],
      ["another program", made([proof, another({ program: stranger })])],
      ["a proof of another lease", made([proofOf({ lease: stranger }), claim])],
      ["a proof of another program", made([proofOf({ program: stranger }), claim])],
      ["a proof with accounts", made([{ ...proof, accounts: [cosigned] }, claim])],
      ["a shorter proof", made([{ ...proof, data: proof.data.slice(0, 199) }, claim])],
      ["no proof", made([claim])],
      ["no claim", made([proof])],
      ["the wrong order", made([claim, proof])],
      ["something between them", made([proof, setUnits(20_000), claim])],
      ["something behind them", made([proof, claim, setUnits(20_000)])],
      ["twice", made([proof, claim, proof, claim])],
      ["a transfer before it", made([transfer, proof, claim])],
      ["a transfer behind it", made([proof, claim, transfer])],
      ["a transfer in the place of a proof", made([transfer, claim])],
      ["a stop behind it", made([proof, claim, client.stop({ ...parties, how: 3, attestor })])],
      ["a finish", made([proof, client.finish(parties)])],
      ["another payer", made([proof, claim], stranger)],
      ["a longer claim", made([proof, { ...claim, data: Uint8Array.of(6, 0) }])],
      ["an account more", made([proof, { ...claim, accounts: [...claim.accounts, cosigned] }])],
      ["a fee beyond the limit", made([setPrice(1_000_000_000n), proof, claim])],
      ["no call", made([])],
      ["bytes behind it", Uint8Array.of(...made([proof, claim]), 0)],
      ["no transaction", Uint8Array.of(1, 2, 3)],
    ];
    for (const [what, wire] of bent) expect(() => checkClaim(wire, want), what).toThrow(Refusal);
  });
});
