// What TypeScript must take of the client, and what it must refuse: a line after @ts-expect-error
// that compiles is itself an error. Nothing here runs; client.test.mjs type-checks it.
import type { Address, Instruction, TransactionSigner } from "@solana/kit";

import {
  attestation, cancel, decodeLease, ed25519, ERROR, errorOf, eventsOf, findLease, HOW, LEASE_OFFSET,
  open, price, STATE, stop, TAG,
} from "../client/obelisk.ts";
import type { ErrorName, How, Lease, LeaseEvent, OpenInput } from "../client/obelisk.ts";

declare const program: Address;
declare const signer: TransactionSigner;
declare const bytes: Uint8Array;
declare const purchase: OpenInput;

export async function right(): Promise<Instruction[]> {
  const [lease, bump] = await findLease(program, signer.address, 1n);
  const it: Lease = decodeLease(bytes);
  const parties = { program, lease, renter: signer, host: it.host, treasury: it.treasury };
  const events: LeaseEvent[] = eventsOf([""], program);
  const paid: bigint = events.reduce((sum, { toHost }) => sum + toHost, price(it.rate, it.seconds));
  if (it.state === STATE.funded && paid > 0n) return [cancel({ ...parties, renterSigns: true })];
  const how: How = HOW.dark;
  const name: ErrorName | undefined = errorOf(ERROR.TOO_EARLY)?.name;
  const message = attestation({ program, lease, openedSlot: it.openedSlot, aliveUntil: 1 });
  return [
    open({ ...purchase, lease, bump, nonce: BigInt(LEASE_OFFSET.nonce), renter: signer }),
    ed25519({ signer: it.attestor, signature: bytes, message }),
    stop({ ...parties, attestor: it.attestor, how }),
    ...(name === "TOO_EARLY" ? [] : [stop({ ...parties, how: TAG.createMarket })]),
  ];
}

export function wrong(it: Lease): void {
  // @ts-expect-error an address is not any text
  void findLease("somewhere", signer.address, 1n);
  const parties = { program, lease: it.market, renter: it.renter, host: it.host };
  // @ts-expect-error there are four ways to stop
  stop({ ...parties, treasury: it.treasury, how: 4 });
  // @ts-expect-error the renter is missing
  open({ ...purchase, renter: undefined });
  // @ts-expect-error lamports are whole numbers of any size
  it.rate.toFixed(2);
  // @ts-expect-error a lease has four states
  if (it.state === 7) void it;
  // @ts-expect-error what was read is not written
  it.released = 1n;
  // @ts-expect-error no error has this name
  void ERROR.NO_SUCH_ERROR;
  // @ts-expect-error the host signs nothing here, so it is an address
  open({ ...purchase, host: signer });
}
