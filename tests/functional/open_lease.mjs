// Opens a lease with any fields somebody likes, by the chain alone: what the market never quoted.
//   node tests/functional/open_lease.mjs RPC KEYFILE '{"program","operator","host","nonce",...}'
// Prints {"lease","signature"}.
import { readFileSync } from "node:fs";

import { kit } from "../../program/client/deps.mjs";
import * as obelisk from "../../program/client/obelisk.mjs";

const [url, keyFile, text] = process.argv.slice(2);
const wish = JSON.parse(text);
const rpc = kit.createSolanaRpc(url);
const renter = await kit.createKeyPairSignerFromBytes(
  new Uint8Array(JSON.parse(readFileSync(keyFile, "utf8"))));
const nonce = BigInt(wish.nonce);
const [market] = await obelisk.findMarket(wish.program, wish.operator);
const [lease, bump] = await obelisk.findLease(wish.program, renter.address, nonce);
const instruction = obelisk.open({
  program: wish.program, renter: renter.address, lease, host: wish.host, market, bump, nonce,
  marketRev: 1n, expiresAt: BigInt(wish.expires_at), rate: BigInt(wish.rate),
  seconds: wish.seconds, maxSeconds: wish.max_seconds,
  termsHash: Uint8Array.from(Buffer.from(wish.terms_hash, "hex")),
});
const { value: blockhash } = await rpc.getLatestBlockhash({ commitment: "confirmed" }).send();
const message = kit.pipe(
  kit.createTransactionMessage({ version: 0 }),
  (m) => kit.setTransactionMessageFeePayerSigner(renter, m),
  (m) => kit.setTransactionMessageLifetimeUsingBlockhash(blockhash, m),
  (m) => kit.appendTransactionMessageInstruction(instruction, m),
);
const signed = await kit.signTransactionMessageWithSigners(message);
const signature = await rpc.sendTransaction(kit.getBase64EncodedWireTransaction(signed),
  { encoding: "base64", preflightCommitment: "processed" }).send();
process.stdout.write(`${JSON.stringify({ lease, signature })}\n`);
