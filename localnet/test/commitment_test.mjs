/** Nobody sees more than the commitment that was asked for. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as kit from "@solana/kit";
import {
  call, funded, kSol, kSystem, network, signNow, socket, transferOf, until, wireOf,
} from "./support.mjs";

const kLevels = ["processed", "confirmed", "finalized"];

test("a transfer shows at processed, then at confirmed, then at finalized", async (t) => {
  const net = await network(t, ["--slot-ms", "20"]);
  const key = (await kit.generateKeyPairSigner()).address;
  const signature = await call(net.url, "requestAirdrop", key, Number(kSol));
  const seenAt = {};
  await until("finalized", async () => {
    for (const commitment of kLevels) {
      const { context, value } = await call(net.url, "getBalance", key, { commitment });
      const info = await call(net.url, "getAccountInfo", key, { commitment, encoding: "base64" });
      const owned = await call(net.url, "getProgramAccounts", kSystem,
        { commitment, encoding: "base64" });
      if (value > 0) seenAt[commitment] ??= context.slot;
      if (info.context.slot === context.slot) assert.equal(info.value !== null, value > 0);
      if (value > 0) assert.ok(owned.some((entry) => entry.pubkey === key));
    }
    return seenAt.finalized;
  });
  const { slot } = (await call(net.url, "getSignatureStatuses", [signature])).value[0];
  for (const level of kLevels) assert.ok(seenAt[level] >= slot, `${level} shows its own slots`);
});

test("the views of one account differ by exactly their depth", async (t) => {
  const net = await network(t, ["--slot-ms", "20"]);
  const key = (await kit.generateKeyPairSigner()).address;
  const signature = await call(net.url, "requestAirdrop", key, Number(kSol));
  const { slot } = (await call(net.url, "getSignatureStatuses", [signature])).value[0];
  await until("finalized", async () => {
    const { json } = await fetch(net.url, {
      method: "POST",
      body: JSON.stringify(kLevels.map((commitment) =>
        ({ jsonrpc: "2.0", id: commitment, method: "getBalance", params: [key, { commitment }] }))),
    }).then(async (response) => ({ json: await response.json() }));
    const [processed] = json.map((entry) => entry.result.context.slot);
    for (const { id, result } of json) {
      const depth = { processed: 0, confirmed: 2, finalized: 32 }[id];
      assert.equal(result.context.slot, processed - depth);
      assert.equal(result.value > 0, result.context.slot >= slot, `${id} at ${processed - slot}`);
    }
    return processed - slot > 33;
  });
});

test("history answers for confirmed and finalized only", async (t) => {
  const net = await network(t, ["--slot-ms", "100"]);
  const key = (await kit.generateKeyPairSigner()).address;
  const signature = await call(net.url, "requestAirdrop", key, Number(kSol));
  const listed = (commitment) => call(net.url, "getSignaturesForAddress", key, { commitment });
  await assert.rejects(listed("processed"), { code: -32602 });
  await assert.rejects(call(net.url, "getTransaction", signature, { commitment: "processed" }),
    { code: -32602 });
  assert.deepEqual(await listed("finalized"), []);
  assert.equal(await call(net.url, "getTransaction", signature), null);
  await until("confirmed", async () => (await listed("confirmed")).length === 1);
  await until("finalized", async () => (await listed("finalized")).length === 1);
  assert.notEqual(await call(net.url, "getTransaction", signature), null);
});

test("each subscription tells at its own commitment and never early", async (t) => {
  const net = await network(t, ["--slot-ms", "50"]);
  const ws = await socket(t, net.ws);
  const payer = await funded(net);
  const to = (await kit.generateKeyPairSigner()).address;
  const ids = new Map();
  for (const commitment of kLevels) {
    const settings = { commitment, encoding: "base64" };
    ids.set(await ws.ask("accountSubscribe", to, settings), `account ${commitment}`);
    ids.set(await ws.ask("logsSubscribe", { mentions: [to] }, settings), `logs ${commitment}`);
    ids.set(await ws.ask("programSubscribe", kSystem, settings), `program ${commitment}`);
  }
  ids.set(await ws.ask("slotSubscribe"), "slot");
  ids.set(await ws.ask("rootSubscribe"), "root");
  const of = (name) => ws.told.filter((message) =>
    ids.get(message.params?.subscription) === name);
  // What is sent in the slot of the subscription itself has no slot told before it.
  await until("a slot", () => of("slot").length > 0);
  const transaction = await signNow(net, payer, [transferOf(payer, to, kSol)]);
  const signature = await call(net.url, "sendTransaction", wireOf(transaction),
    { encoding: "base64", preflightCommitment: "processed" });
  const { slot } = (await call(net.url, "getSignatureStatuses", [signature])).value[0];
  // They are told one after the other, so that one of them says nothing of the rest.
  const aboutIt = (commitment) => of(`program ${commitment}`).filter(({ params }) =>
    params.result.value.pubkey === to);
  await until("all of finalized", () => of("account finalized").length > 0 &&
    of("logs finalized").length > 0 && aboutIt("finalized").length > 0 && of("root").length > 0);
  for (const commitment of kLevels) {
    const [message] = of(`account ${commitment}`);
    assert.equal(message.params.result.context.slot, slot);
    assert.equal(of(`account ${commitment}`).length, 1);
    assert.equal(of(`logs ${commitment}`).length, 1);
    assert.equal(aboutIt(commitment).length, 1);
    // Between two messages lies the slot that ripened: it comes before what it brings.
    const depth = { processed: 0, confirmed: 2, finalized: 32 }[commitment];
    const before = ws.told.slice(0, ws.told.indexOf(message))
      .filter((entry) => ids.get(entry.params?.subscription) === "slot");
    assert.ok(before.at(-1).params.result.slot >= slot + depth);
  }
  assert.equal(typeof of("root")[0].params.result, "number");
});

test("a signature subscription tells of receipt, then once, also of what has landed", async (t) => {
  const net = await network(t, ["--slot-ms", "50"]);
  const ws = await socket(t, net.ws);
  const payer = await funded(net);
  const transaction = await signNow(net, payer, [transferOf(payer, payer.address, 1n)]);
  const signature = kit.getSignatureFromTransaction(transaction);
  const settings = { commitment: "confirmed", enableReceivedNotification: true };
  const id = await ws.ask("signatureSubscribe", signature, settings);
  await call(net.url, "sendTransaction", wireOf(transaction),
    { encoding: "base64", preflightCommitment: "processed" });
  const of = (wanted) => ws.told.filter((message) => message.params?.subscription === wanted)
    .map((message) => message.params.result.value);
  await until("both", () => of(id).length === 2);
  assert.deepEqual(of(id), ["receivedSignature", { err: null }]);
  const late = await ws.ask("signatureSubscribe", signature, { commitment: "confirmed" });
  await until("at once", () => of(late).length === 1);
  assert.equal((await ws.ask("signatureUnsubscribe", late)).code, -32602);
});

test("a closed account is told as empty, and a subscription can be taken back", async (t) => {
  const net = await network(t, ["--slot-ms", "50"]);
  const ws = await socket(t, net.ws);
  const payer = await funded(net);
  const account = await funded(net, kSol);
  const id = await ws.ask("accountSubscribe", account.address,
    { commitment: "processed", encoding: "base64" });
  const slots = await ws.ask("slotSubscribe");
  const moved = await signNow(net, payer, [transferOf(account, payer.address, kSol)]);
  await call(net.url, "sendTransaction", wireOf(moved),
    { encoding: "base64", preflightCommitment: "processed" });
  const told = await until("told", () =>
    ws.told.find((message) => message.params?.subscription === id));
  assert.deepEqual(told.params.result.value, {
    data: ["", "base64"], executable: false, lamports: 0, owner: kSystem,
    rentEpoch: told.params.result.value.rentEpoch, space: 0,
  });
  assert.equal(await ws.ask("slotUnsubscribe", slots), true);
  assert.equal((await ws.ask("slotUnsubscribe", slots)).code, -32602);
});

test("a socket has a bound on its subscriptions and no other methods", async (t) => {
  const net = await network(t);
  const ws = await socket(t, net.ws);
  const answers = await Promise.all(
    Array.from({ length: 1001 }, () => ws.ask("rootSubscribe")),
  );
  assert.equal(answers.filter((answer) => typeof answer === "number").length, 1000);
  assert.match(answers.find((answer) => typeof answer !== "number").message, /at most 1000/);
  assert.equal((await ws.ask("getSlot")).code, -32601);
});
