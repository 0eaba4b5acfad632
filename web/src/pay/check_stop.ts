// Whether a transaction ends one lease in one way and does nothing else: `cancel` before the start,
// `stop` by how = 0 (I was served till now) or how = 1 (I dispute the unproven gap), the latter
// perhaps with a claim before it, which pays what the newest attestation proves.
import { isSignerRole } from "@solana/kit";
import { callsOfChange } from "./lease_change.ts";
import { read, withData, type Call } from "./read_transaction.ts";
import { demand, Refusal } from "./refusal.ts";

export interface Ending {
  program: string;
  lease: string;
  renter: string;
  host: string;
}
export type StopWay = "cancel" | "served" | "dispute";

const CANCEL = 4;
const CLAIM = 6;
const STOP = 7;
const HOW = { served: 0, dispute: 1 } as const;
const ED25519_PROGRAM = "Ed25519SigVerify111111111111111111111111111";
const INSTRUCTIONS_SYSVAR = "Sysvar1nstructions1111111111111111111111111";

const isCall = (call: Call, program: string, data: readonly number[]) =>
  call.program === program &&
  call.data.length === data.length &&
  data.every((byte, i) => call.data[i] === byte);

// The first accounts are these, in this order, and there are exactly so many.
const names = (call: Call, count: number, first: readonly string[]) =>
  call.accounts.length === count && first.every((key, i) => call.accounts[i]?.address === key);

// The fourth account of stop and claim, the treasury, is not looked at: the program takes none but
// the one that stands in the lease, and a lease outlives a change of the market's treasury.
function isStop(call: Call, want: Ending, how: number): boolean {
  return (
    isCall(call, want.program, [STOP, how]) &&
    names(call, 4, [want.lease, want.renter, want.host]) &&
    isSignerRole(call.accounts[1]?.role ?? 0)
  );
}

function isCancel(call: Call, want: Ending): boolean {
  return isCall(call, want.program, [CANCEL]) && names(call, 2, [want.lease, want.renter]);
}

function isClaim(proof: Call, claim: Call, want: Ending): boolean {
  return (
    proof.program === ED25519_PROGRAM &&
    proof.accounts.length === 0 &&
    isCall(claim, want.program, [CLAIM]) &&
    names(claim, 5, [want.lease, want.renter, want.host]) &&
    claim.accounts[4]?.address === INSTRUCTIONS_SYSVAR
  );
}

// Which way it ends the lease. Refused: anything that is not exactly one of them.
export function checkStop(wire: Uint8Array, want: Ending): StopWay {
  const calls = callsOfChange(read(wire), want.renter);
  const last = calls.at(-1);
  const [proof, claim] = calls;
  if (last && calls.length === 1) {
    if (isCancel(last, want)) return "cancel";
    if (isStop(last, want, HOW.served)) return "served";
    if (isStop(last, want, HOW.dispute)) return "dispute";
  }
  if (last && proof && claim && calls.length === 3 && isClaim(proof, claim, want)) {
    if (isStop(last, want, HOW.served)) return "served";
    if (isStop(last, want, HOW.dispute)) return "dispute";
  }
  throw new Refusal("stop");
}

// The market's transaction, ending the lease the way that the renter chose. The market proposes one
// by the protocol's rule; how is a byte of it, and the accounts of both are the same.
export function stopBy(wire: Uint8Array, want: Ending, way: StopWay): Uint8Array {
  const proposed = checkStop(wire, want);
  if (proposed === way) return wire;
  // It has started or ended since.
  if (proposed === "cancel" || way === "cancel") throw new Refusal("moment");
  const opened = read(wire);
  // What a transaction asks of the network may stand anywhere; the stop is the program's last call.
  const at = opened.calls.map((call) => call.program).lastIndexOf(want.program);
  const changed = withData(opened, at, Uint8Array.of(STOP, HOW[way]));
  demand(checkStop(changed, want) === way, "stop");
  return changed;
}
