// Sends one transaction with any of our program's calls in it, in any wire version, and waits until
// it is confirmed, well or not.
//   node tests/functional/lease_calls.mjs RPC '{"version":0,"program","operator","treasury","keys":
//     {"renter":FILE,"attestor":FILE,"host":FILE},"nonce":1,"calls":[{"op":"open","seconds":600}]}'
// The renter pays. Prints {"signature","lease","slot","err"}.
import { readFileSync } from "node:fs";

import { kit } from "../../program/client/deps.mjs";
import * as obelisk from "../../program/client/obelisk.mjs";

const [url, text] = process.argv.slice(2);
const wish = JSON.parse(text);
const rpc = kit.createSolanaRpc(url);
const signers = {};
for (const [name, file] of Object.entries(wish.keys)) {
  signers[name] = await kit.createKeyPairSignerFromBytes(
    new Uint8Array(JSON.parse(readFileSync(file, "utf8"))));
}
const { renter, attestor, host } = signers;
const nonce = BigInt(wish.nonce);
const [market] = await obelisk.findMarket(wish.program, wish.operator);
const [lease, bump] = await obelisk.findLease(wish.program, renter.address, nonce);
const parties = {
  program: wish.program, lease, bump, nonce, market, renter: renter.address,
  host: host.address, attestor: attestor.address, treasury: wish.treasury,
};

const builders = {
  open: (call) => obelisk.open({
    ...parties, marketRev: 1n, expiresAt: 4_000_000_000n, rate: BigInt(call.rate ?? 714_286),
    seconds: call.seconds ?? 600, maxSeconds: call.maxSeconds ?? 3600,
    termsHash: new Uint8Array(32).fill(call.terms ?? 7),
  }),
  ready: (call) => obelisk.ready({ ...parties, openedSlot: BigInt(call.openedSlot) }),
  cancel: () => obelisk.cancel({ ...parties, renterSigns: true }),
  extend: (call) => obelisk.extend({ ...parties, totalSeconds: call.total }),
  stop: (call) => obelisk.stop({ ...parties, how: call.how }),
  finish: () => obelisk.finish(parties),
  dust: (call) => ({
    programAddress: "11111111111111111111111111111111",
    accounts: [{ address: renter.address, role: 3 }, { address: lease, role: 1 }],
    data: new Uint8Array([2, 0, 0, 0, call.lamports & 255, call.lamports >> 8, 0, 0, 0, 0, 0, 0]),
  }),
};

const version = wish.version ?? 0;
const { value: blockhash } = await rpc.getLatestBlockhash({ commitment: "confirmed" }).send();
const message = kit.pipe(
  kit.createTransactionMessage({ version }),
  (m) => kit.setTransactionMessageFeePayerSigner(renter, m),
  (m) => kit.setTransactionMessageLifetimeUsingBlockhash(blockhash, m),
  (m) => kit.appendTransactionMessageInstructions(
    wish.calls.map((call) => builders[call.op](call)), m),
  (m) => kit.addSignersToTransactionMessage([renter, attestor, host], m),
  (m) => version === 1
    ? kit.setTransactionMessageConfig(
      { computeUnitLimit: 20_000, loadedAccountsDataSizeLimit: 1_000_000 }, m)
    : m,
);
const signed = await kit.signTransactionMessageWithSigners(message);
const signature = await rpc.sendTransaction(kit.getBase64EncodedWireTransaction(signed),
  { encoding: "base64", skipPreflight: true }).send();
const deadline = Date.now() + 20_000;
for (;;) {
  const { value: [status] } = await rpc.getSignatureStatuses([signature]).send();
  if (status && status.confirmationStatus !== "processed") {
    const err = status.err === null ? null
      : JSON.stringify(status.err, (_, one) => (typeof one === "bigint" ? Number(one) : one));
    process.stdout.write(`${JSON.stringify(
      { signature, lease, slot: Number(status.slot), err })}\n`);
    break;
  }
  if (Date.now() > deadline) throw new Error(`${signature} is not confirmed after 20 s`);
  await new Promise((done) => { setTimeout(done, 50); });
}
