// Stops and extends a lease from the page: asks the market for the transaction, checks that it does
// exactly that, has the wallet sign it, checks what came back, and sends it. Imported when somebody
// clicks, with kit.
import { post, type Lease, type Schemas } from "../lib/api.ts";
import { askMarket } from "../lib/market.svelte.ts";
import { signTransaction } from "../wallet/wallet.svelte.ts";
import { checkExtend } from "./check_extend.ts";
import { stopBy, type StopWay } from "./check_stop.ts";
import { checkSigned } from "./check_transaction.ts";
import { bytesOf } from "./read_transaction.ts";
import { sendSigned } from "./send.ts";
import { inWords } from "./words.ts";

async function signAndSend(wire: Uint8Array, program: string): Promise<void> {
  const signed = await signTransaction(wire);
  await checkSigned(signed, wire, program).catch((error: unknown) => {
    throw inWords(error);
  });
  await sendSigned(signed);
}

async function ask(lease: Lease, what: "stop" | "extend", body: unknown): Promise<Uint8Array> {
  const path = `/v1/leases/${encodeURIComponent(lease.lease)}/${what}`;
  return bytesOf((await post<Schemas["UnsignedTransaction"]>(path, body)).transaction);
}

// `cancel`, before the start, sends everything back.
export async function stopLease(lease: Lease, way: StopWay): Promise<void> {
  const { program } = await askMarket();
  const wire = await ask(lease, "stop", {});
  const want = { program, lease: lease.lease, renter: lease.renter, host: lease.host };
  await signAndSend(stopBy(wire, want, way), program);
}

export async function extendLease(lease: Lease, totalSeconds: number): Promise<void> {
  const { program } = await askMarket();
  const wire = await ask(lease, "extend", { seconds: totalSeconds });
  checkExtend(wire, { program, lease: lease.lease, renter: lease.renter, totalSeconds });
  await signAndSend(wire, program);
}
