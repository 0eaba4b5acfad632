// Whether a transaction ends one lease in one way and does nothing else: `cancel` before the start,
// `stop` by how = 0 (I was served till now) or how = 1 (I dispute the unproven gap), the latter
// perhaps with a claim before it, which pays what the newest attestation proves.
import { isSignerRole } from "@solana/kit";
import { isCall, isClaim, names, type Parties } from "./lease_calls.ts";
import { callsOfChange } from "./lease_change.ts";
import { read, withData, type Call } from "./read_transaction.ts";
import { demand, Refusal } from "./refusal.ts";

export type StopWay = "cancel" | "served" | "dispute";

const CANCEL = 4;
const STOP = 7;
const HOW = { served: 0, dispute: 1 } as const;

function isStop(call: Call, want: Parties, how: number): boolean {
  return (
    isCall(call, want.program, [STOP, how]) &&
    names(call, 4, [want.lease, want.renter, want.host]) &&
    isSignerRole(call.accounts[1]?.role ?? 0)
  );
}

function isCancel(call: Call, want: Parties): boolean {
  return isCall(call, want.program, [CANCEL]) && names(call, 2, [want.lease, want.renter]);
}

// Which way it ends the lease. Refused: anything that is not exactly one of them.
export function checkStop(wire: Uint8Array, want: Parties): StopWay {
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
export function stopBy(wire: Uint8Array, want: Parties, way: StopWay): Uint8Array {
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
