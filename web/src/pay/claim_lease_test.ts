// What is asked of the market and of the wallet for a claim, and what is refused before the wallet
// sees anything.
import * as client from "@obelisk/client";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { claimLease } from "./claim_lease.ts";
import type { MadeClaim } from "./claimed.ts";
import { keyOf, transactionOf } from "./testing.ts";

const [program, lease, renter, host, treasury] = [keyOf(1), keyOf(2), keyOf(3), keyOf(4), keyOf(5)];
const [payer, attestor] = [keyOf(6), keyOf(7)];
const asked = { lease, host, payer };
const START = "2026-11-18T11:00:00Z";
const started = Date.parse(START) / 1_000;

const shown: Uint8Array[] = []; // to the wallet
vi.mock("../wallet/wallet.svelte.ts", () => ({
  signTransaction: (wire: Uint8Array) => {
    shown.push(wire);
    return Promise.reject(new Error("The wallet did not sign."));
  },
}));

let theirHost: string = host;
const found = () => ({
  lease,
  renter,
  host: theirHost,
  started_at: START,
  ends_at_s: started + 3_600,
  proven_until_s: started,
  lamports_per_hour: "3600000",
  fee_bps: 250,
});
function made(): string {
  const aliveUntil = started + 100;
  const message = client.attestation({ program, lease, openedSlot: 7, aliveUntil });
  const proof = client.ed25519({ signer: attestor, signature: new Uint8Array(64), message });
  const claim = client.claim({ program, lease, renter, host, treasury });
  return transactionOf(payer, [proof, claim]);
}
let posted: { path: string; body: unknown }[] = [];
vi.stubGlobal("fetch", async (path: string, request: RequestInit) => {
  if (path === "/v1/market") return Response.json({ program });
  if (request.method === "GET") return Response.json(found());
  posted.push({ path, body: request.body });
  return Response.json({ transaction: made() });
});

describe("a claim", () => {
  const said: MadeClaim[] = [];
  const heard = { onSilent: () => {}, onMade: (claim: MadeClaim) => said.push(claim) };
  beforeEach(() => {
    shown.length = said.length = 0;
    posted = [];
    theirHost = host;
  });

  it("is asked for the connected wallet, and says what it proves", async () => {
    await expect(claimLease(asked, heard)).rejects.toThrow("did not sign");
    expect(posted).toEqual([
      { path: `/v1/leases/${lease}/claim`, body: JSON.stringify({ payer }) },
    ]);
    expect(shown).toHaveLength(1);
    expect(said).toEqual([{ before: found(), aliveUntil: BigInt(started + 100) }]);
  });
  it("of a lease of another host is refused before anything is asked for", async () => {
    theirHost = attestor;
    await expect(claimLease(asked, heard)).rejects.toMatchObject({ code: "refused" });
    expect(posted).toEqual([]);
  });
  it("that another wallet would sign is never shown to this one", async () => {
    const other = { ...asked, payer: renter };
    await expect(claimLease(other, heard)).rejects.toMatchObject({ code: "refused" });
    expect(shown).toEqual([]);
  });
});
