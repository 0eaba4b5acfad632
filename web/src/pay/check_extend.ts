// Whether a transaction buys time for one lease, up to exactly so many seconds in all, and does
// nothing else. What it takes from the wallet follows from rate and seconds by the program's rule,
// so the price that was shown is the price that is paid.
import { callsOfChange } from "./lease_change.ts";
import { read } from "./read_transaction.ts";
import { demand } from "./refusal.ts";

export interface Extension {
  program: string;
  lease: string;
  renter: string;
  totalSeconds: number;
}

const EXTEND = 5;
const SYSTEM_PROGRAM = "11111111111111111111111111111111";

export function checkExtend(wire: Uint8Array, want: Extension): void {
  const calls = callsOfChange(read(wire), want.renter);
  const [call] = calls;
  const keys = [want.renter, want.lease, SYSTEM_PROGRAM];
  const isOurs =
    call !== undefined &&
    calls.length === 1 &&
    call.program === want.program &&
    call.accounts.length === keys.length &&
    keys.every((key, i) => call.accounts[i]?.address === key);
  demand(isOurs && call.data.length === 5 && call.data[0] === EXTEND, "extend");
  const { buffer, byteOffset } = call.data;
  demand(new DataView(buffer, byteOffset).getUint32(1, true) === want.totalSeconds, "time");
}
