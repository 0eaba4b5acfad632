// Stops and extends a lease from the page: asks the market for the transaction, checks that it does
// exactly that, has the wallet sign it, checks what came back, and sends it. Imported when somebody
// clicks, with kit.
//
// Both say whether the market has taken it. False: it may have landed all the same. What is thrown
// has cost nothing.
import { post, type Lease, type Schemas } from "../lib/api.ts";
import { askMarket } from "../lib/market.svelte.ts";
import { checkExtend } from "./check_extend.ts";
import { stopBy, type StopWay } from "./check_stop.ts";
import { bytesOf } from "./read_transaction.ts";
import { demand, Refusal } from "./refusal.ts";
import { signAndSend } from "./sign_and_send.ts";
import { inWords } from "./words.ts";

type Unsigned = Schemas["UnsignedTransaction"];
const nobodyAsks = () => {};

async function ask(lease: Lease, what: "stop" | "extend", body: unknown): Promise<Unsigned> {
  return post<Unsigned>(`/v1/leases/${encodeURIComponent(lease.lease)}/${what}`, body);
}

// What the checks refuse, in words.
function said<T>(done: Promise<T>, about: "lease" | "concede" = "lease"): Promise<T> {
  return done.catch((error: unknown) => {
    throw inWords(error, about);
  });
}

// `cancel`, before the start, sends everything back.
export function stopLease(
  lease: Lease,
  way: StopWay,
  onSilent: () => void = nobodyAsks,
): Promise<boolean> {
  return said(stop(lease, way, onSilent));
}

// Ends a dispute for its host: the renter says that it was served till the stop.
export function concedeLease(lease: Lease, onSilent: () => void = nobodyAsks): Promise<boolean> {
  const conceded = stop(lease, "served", onSilent, { concede: true }).catch((error: unknown) => {
    // The same bytes as a stop's; what they would not do is told as what was asked for.
    throw error instanceof Refusal && error.check === "stop" ? new Refusal("concede") : error;
  });
  return said(conceded, "concede");
}

async function stop(
  lease: Lease,
  way: StopWay,
  onSilent: () => void,
  body: Schemas["StopRequest"] = {},
): Promise<boolean> {
  const { program } = await askMarket();
  const made = await ask(lease, "stop", body);
  const want = { program, lease: lease.lease, renter: lease.renter, host: lease.host };
  return signAndSend(stopBy(bytesOf(made.transaction), want, way), program, onSilent);
}

export interface MoreTime {
  totalSeconds: number;
  lamports: bigint; // the price that was shown
}

export function extendLease(
  lease: Lease,
  more: MoreTime,
  onSilent: () => void = nobodyAsks,
): Promise<boolean> {
  return said(extend(lease, more, onSilent));
}

async function extend(
  lease: Lease,
  { totalSeconds, lamports }: MoreTime,
  onSilent: () => void,
): Promise<boolean> {
  const { program } = await askMarket();
  const made = await ask(lease, "extend", { seconds: totalSeconds });
  // Another tab may have extended it since: then it is not that price any more.
  demand(made.lamports === String(lamports), "price");
  const wire = bytesOf(made.transaction);
  checkExtend(wire, { program, lease: lease.lease, renter: lease.renter, totalSeconds });
  return signAndSend(wire, program, onSilent);
}
