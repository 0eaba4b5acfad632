// Stops and extends a lease from the page: asks the market for the transaction, checks that it does
// exactly that, has the wallet sign it, and sends it. Imported when somebody clicks, with kit.
import { post, type Lease, type Schemas } from "../lib/api.ts";
import { askMarket } from "../lib/market.svelte.ts";
import { signTransaction } from "../wallet/wallet.svelte.ts";
import { checkExtend } from "./check_extend.ts";
import { stopBy, type StopWay } from "./check_stop.ts";
import { base64Of, bytesOf } from "./read_transaction.ts";

type Unsigned = Schemas["UnsignedTransaction"];

async function send(wire: Uint8Array): Promise<string> {
  const transaction = base64Of(await signTransaction(wire));
  const sent = await post<Schemas["TransactionAccepted"]>("/v1/transactions", { transaction });
  return sent.signature;
}

export async function stopLease(lease: Lease, way: StopWay): Promise<string> {
  const { program } = await askMarket();
  const made = await post<Unsigned>(`/v1/leases/${lease.lease}/stop`, {});
  const want = { program, lease: lease.lease, renter: lease.renter, host: lease.host };
  return send(stopBy(bytesOf(made.transaction), want, way));
}

export async function extendLease(lease: Lease, totalSeconds: number): Promise<string> {
  const { program } = await askMarket();
  const made = await post<Unsigned>(`/v1/leases/${lease.lease}/extend`, { seconds: totalSeconds });
  const wire = bytesOf(made.transaction);
  checkExtend(wire, { program, lease: lease.lease, renter: lease.renter, totalSeconds });
  return send(wire);
}
