/** What @solana/kit's own helpers see: this is the proof that the network is plain Solana. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as kit from "@solana/kit";
import {
  call, funded, kSol, kSystem, network, sharedNetwork, sign, signNow, transferOf, until, wireOf,
} from "./support.mjs";

/** Slow enough for a blockhash to outlive a busy machine, fast enough to see finality. */
const net = sharedNetwork(["--slot-ms", "50"]);

/** Collects a subscription's notifications until the test ends. */
async function collect(t, request) {
  const abort = new AbortController();
  t.after(() => abort.abort());
  const stream = await request.subscribe({ abortSignal: abort.signal });
  const seen = [];
  (async () => {
    for await (const notification of stream) seen.push(notification);
  })().catch(() => {});
  return seen;
}

test("airdropFactory and sendAndConfirmTransactionFactory work at every commitment", async () => {
  const payer = await kit.generateKeyPairSigner();
  for (const commitment of ["processed", "confirmed", "finalized"]) {
    await net.airdrop({
      recipientAddress: payer.address, lamports: kit.lamports(kSol), commitment,
    });
    const to = await kit.generateKeyPairSigner();
    const transaction = await signNow(net, payer, [transferOf(payer, to.address, kSol / 2n)],
      commitment);
    await net.sendAndConfirm(transaction, { commitment });
    const { value } = await net.rpc.getBalance(to.address, { commitment }).send();
    assert.equal(value, kSol / 2n);
  }
});

test("getTransaction shows fee, balances, logs and units", async () => {
  const payer = await funded(net, 10n * kSol);
  const to = (await kit.generateKeyPairSigner()).address;
  const transaction = await signNow(net, payer, [transferOf(payer, to, kSol)], "confirmed");
  await net.sendAndConfirm(transaction, { commitment: "confirmed" });
  const signature = kit.getSignatureFromTransaction(transaction);
  const landed = await net.rpc.getTransaction(signature, {
    commitment: "confirmed", encoding: "base64", maxSupportedTransactionVersion: 0,
  }).send();
  assert.equal(landed.meta.err, null);
  assert.equal(landed.meta.fee, 5000n);
  assert.deepEqual(landed.meta.preBalances, [10n * kSol, 0n, 1n]);
  assert.deepEqual(landed.meta.postBalances, [9n * kSol - 5000n, kSol, 1n]);
  assert.equal(landed.meta.computeUnitsConsumed, 150n);
  assert.equal(landed.meta.logMessages.length, 2);
  assert.equal(landed.transaction[0], wireOf(transaction));
  const time = await net.rpc.getBlockTime(landed.slot).send();
  assert.equal(landed.blockTime, time);
  const listed = await net.rpc.getSignaturesForAddress(to, { commitment: "confirmed" }).send();
  assert.deepEqual(listed.map((entry) => entry.signature), [signature]);
  const whole = await net.rpc.getTransaction(signature, {
    commitment: "confirmed", encoding: "json", maxSupportedTransactionVersion: 0,
  }).send();
  assert.deepEqual(whole.transaction.message.accountKeys, [payer.address, to, kSystem]);
});

test("a version 1 transaction lands, and is shown to who can read it", async () => {
  const payer = await funded(net, kSol);
  const to = (await kit.generateKeyPairSigner()).address;
  const { value } = await net.rpc.getLatestBlockhash({ commitment: "processed" }).send();
  const signed = await kit.signTransactionMessageWithSigners(kit.pipe(
    kit.createTransactionMessage({ version: 1 }),
    (m) => kit.setTransactionMessageFeePayerSigner(payer, m),
    (m) => kit.setTransactionMessageLifetimeUsingBlockhash(value, m),
    (m) => kit.appendTransactionMessageInstruction(transferOf(payer, to, kSol / 2n), m),
    (m) => kit.setTransactionMessageConfig({
      computeUnitLimit: 1000, loadedAccountsDataSizeLimit: 100_000, priorityFeeLamports: 77n,
    }, m),
  ));
  const message = Buffer.from(signed.messageBytes).toString("base64");
  const fee = await call(net.url, "getFeeForMessage", message, { commitment: "processed" });
  const signature = await call(net.url, "sendTransaction", wireOf(signed),
    { encoding: "base64", preflightCommitment: "processed" });
  const read = (maxSupportedTransactionVersion) => call(net.url, "getTransaction", signature,
    { commitment: "confirmed", encoding: "base64", maxSupportedTransactionVersion });
  const landed = await until("confirmed", () => read(1));
  assert.equal(landed.version, 1);
  assert.equal(landed.meta.err, null);
  assert.equal(landed.meta.fee, fee.value);
  assert.equal(fee.value, 5077);
  await assert.rejects(read(0), { code: -32015 });
});

test("a failing preflight reaches kit as a preflight failure", async () => {
  const payer = await funded(net, kSol);
  const to = (await kit.generateKeyPairSigner()).address;
  const transaction = await signNow(net, payer, [transferOf(payer, to, 5n * kSol)]);
  await assert.rejects(
    net.sendAndConfirm(transaction, { commitment: "processed" }),
    (error) => {
      assert.ok(kit.isSolanaError(
        error, kit.SOLANA_ERROR__JSON_RPC__SERVER_ERROR_SEND_TRANSACTION_PREFLIGHT_FAILURE,
      ));
      assert.ok(kit.isSolanaError(error.cause, kit.SOLANA_ERROR__INSTRUCTION_ERROR__CUSTOM));
      assert.equal(Number(error.cause.context.code), 1);
      assert.ok(error.context.logs.length > 0);
      assert.ok(error.context.unitsConsumed > 0n);
      return true;
    },
  );
  const { value } = await net.rpc.getBalance(payer.address, { commitment: "processed" }).send();
  assert.equal(value, kSol);
});

test("without a preflight a failed transaction lands, costs its fee and shows", async () => {
  const payer = await funded(net, kSol);
  const to = (await kit.generateKeyPairSigner()).address;
  const transaction = await signNow(net, payer, [transferOf(payer, to, 5n * kSol)]);
  const signature = await net.rpc.sendTransaction(wireOf(transaction), {
    encoding: "base64", skipPreflight: true,
  }).send();
  const { value } = await call(net.url, "getSignatureStatuses", [signature]);
  assert.deepEqual(value[0].err, { InstructionError: [0, { Custom: 1 }] });
  assert.equal(await call(net.url, "getBalance", payer.address, { commitment: "processed" })
    .then((answer) => answer.value), Number(kSol - 5000n));
});

test("a blockhash is good for 150 blocks, and kit sees its end", async (t) => {
  const fast = await network(t, ["--slot-ms", "5"]);
  const payer = await funded(fast);
  const lifetime = (await fast.rpc.getLatestBlockhash({ commitment: "processed" }).send()).value;
  const { blockhash, lastValidBlockHeight } = lifetime;
  await until("the blockhash expires", async () => {
    const { value } = await call(fast.url, "isBlockhashValid", blockhash,
      { commitment: "processed" });
    return !value;
  });
  const height = await call(fast.url, "getBlockHeight", { commitment: "processed" });
  assert.ok(height > Number(lastValidBlockHeight));
  const to = (await kit.generateKeyPairSigner()).address;
  const late = await sign(lifetime, payer, [transferOf(payer, to, kSol)]);
  await assert.rejects(
    fast.sendAndConfirm(late, { commitment: "processed" }),
    (error) => kit.isSolanaError(
      error.cause, kit.SOLANA_ERROR__TRANSACTION_ERROR__BLOCKHASH_NOT_FOUND,
    ),
  );
  await assert.rejects(
    fast.sendAndConfirm(late, { commitment: "processed", skipPreflight: true }),
    (error) => kit.isSolanaError(error, kit.SOLANA_ERROR__BLOCK_HEIGHT_EXCEEDED),
  );
});

test("one transaction lands once", async () => {
  const payer = await funded(net);
  const to = (await kit.generateKeyPairSigner()).address;
  const transaction = await signNow(net, payer, [transferOf(payer, to, kSol)]);
  await net.sendAndConfirm(transaction, { commitment: "processed" });
  await assert.rejects(
    net.sendAndConfirm(transaction, { commitment: "processed" }),
    (error) => kit.isSolanaError(
      error.cause, kit.SOLANA_ERROR__TRANSACTION_ERROR__ALREADY_PROCESSED,
    ),
  );
  await net.sendAndConfirm(transaction, { commitment: "processed", skipPreflight: true });
  assert.equal((await call(net.url, "getBalance", to, { commitment: "processed" })).value,
    Number(kSol));
});

test("account, program, logs, slot and signature subscriptions tell what happens", async (t) => {
  const payer = await funded(net);
  const to = await kit.generateKeyPairSigner();
  const subs = net.rpcSubscriptions;
  const settings = { commitment: "confirmed", encoding: "base64" };
  const account = await collect(t, subs.accountNotifications(to.address, settings));
  const program = await collect(t, subs.programNotifications(kSystem, {
    ...settings, filters: [{ dataSize: 0n }],
  }));
  const other = await collect(t, subs.programNotifications(kSystem, {
    ...settings, filters: [{ dataSize: 1n }],
  }));
  const logs = await collect(t, subs.logsNotifications({ mentions: [to.address] }, settings));
  const slots = await collect(t, subs.slotNotifications());
  const transaction = await signNow(net, payer, [transferOf(payer, to.address, kSol)]);
  const signature = kit.getSignatureFromTransaction(transaction);
  const done = await collect(t, subs.signatureNotifications(signature, settings));
  await net.rpc.sendTransaction(wireOf(transaction), {
    encoding: "base64", preflightCommitment: "processed",
  }).send();
  await until("all have told", () => done.length === 1 && account.length === 1
    && program.length >= 2 && logs.length === 1 && slots.length >= 3);
  assert.equal(account[0].value.lamports, kSol);
  assert.ok(program.some(({ value }) =>
    value.pubkey === to.address && value.account.lamports === kSol));
  assert.equal(other.length, 0);
  assert.equal(logs[0].value.signature, signature);
  assert.equal(logs[0].value.err, null);
  assert.equal(done[0].value.err, null);
  slots.slice(1).forEach((entry, index) => {
    assert.equal(entry.parent, slots[index].slot, "no slot is left out");
    assert.equal(entry.slot - entry.root, 32n);
  });
});
