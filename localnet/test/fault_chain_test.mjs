/** The chain's bad days from outside: rollbacks, lag, expiry and time, as @solana/kit sees them. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import * as kit from "@solana/kit";
import { portOf } from "../lib/localnet.mjs";
import {
  call, clients, funded, kSol, kSystem, launch, network, run, signNow, socket,
  temporaryDir, transferOf, until, wireOf,
} from "./support.mjs";

const kProcessed = { commitment: "processed" };
const kConfirmed = { commitment: "confirmed" };
const kBase64 = { encoding: "base64", preflightCommitment: "processed" };

const faultOf = (net) => (wish) => call(net.url, "obelisk_fault", wish);
const newKey = async () => (await kit.generateKeyPairSigner()).address;
const balance = async (url, key, settings = kProcessed) =>
  (await call(url, "getBalance", key, settings)).value;
const statusOf = async (url, signature) =>
  (await call(url, "getSignatureStatuses", [signature])).value[0];

test("a rollback takes back what kit saw confirmed; each subscriber is told what a node tells",
  async (t) => {
    const net = await network(t);
    const fault = faultOf(net);
    const payer = await funded(net);
    const to = await newKey();
    await fault({ kind: "expire" });
    const ws = await socket(t, net.ws);
    const ids = new Map();
    for (const commitment of ["processed", "confirmed", "finalized"]) {
      const settings = { commitment, encoding: "base64" };
      ids.set(await ws.ask("accountSubscribe", to, settings), `account ${commitment}`);
      ids.set(await ws.ask("logsSubscribe", { mentions: [to] }, settings), `logs ${commitment}`);
      ids.set(await ws.ask("programSubscribe", kSystem, settings), `program ${commitment}`);
    }
    ids.set(await ws.ask("slotSubscribe"), "slot");
    const told = (name) => ws.told.filter((message) =>
      ids.get(message.params?.subscription) === name).map(({ params }) => params.result);
    const transaction = await signNow(net, payer, [transferOf(payer, to, kSol)], "confirmed");
    await net.sendAndConfirm(transaction, kConfirmed);
    const signature = kit.getSignatureFromTransaction(transaction);
    const { slot } = await statusOf(net.url, signature);
    assert.equal(await balance(net.url, to, kConfirmed), Number(kSol));
    await until("told", () => told("account confirmed").length === 1);
    const height = await call(net.url, "getBlockHeight", kProcessed);

    const done = await fault({ kind: "rollback", slots: 32 });
    assert.ok(done.from <= slot && done.undone.includes(signature));
    assert.equal(await statusOf(net.url, signature), null);
    assert.equal(await balance(net.url, to), 0);
    assert.equal(await balance(net.url, to, kConfirmed), 0);
    assert.ok(await call(net.url, "getBlockHeight", kProcessed) < height);
    assert.ok(await call(net.url, "getSlot", kProcessed) > done.to);
    assert.deepEqual(await call(net.url, "getSignaturesForAddress", to, kConfirmed), []);
    await assert.rejects(call(net.url, "getBlockTime", slot), { code: -32007 });

    await fault({ kind: "expire" });
    await until("told again", () => told("account confirmed").length === 2);
    for (const commitment of ["processed", "confirmed"]) {
      const lamports = told(`account ${commitment}`).map(({ value }) => value.lamports);
      assert.deepEqual(lamports, [Number(kSol), 0], commitment);
    }
    const next = told("slot").find(({ slot: at }) => at === done.slot);
    assert.equal(next.parent, done.parent);
    // What was asked for last is answered last: everything before it was told by now.
    await ws.ask("rootSubscribe");
    for (const level of ["account", "logs"]) assert.deepEqual(told(`${level} finalized`), []);
    for (const commitment of ["processed", "confirmed"]) {
      assert.equal(told(`logs ${commitment}`).length, 1);
      assert.equal(told(`program ${commitment}`)
        .filter(({ value }) => value.pubkey === to).length, 1);
    }
  });

test("what is rolled back may land again, with the same signature, and be final", async (t) => {
  const net = await network(t);
  const fault = faultOf(net);
  const payer = await funded(net);
  const to = await newKey();
  await fault({ kind: "expire" });
  const transaction = await signNow(net, payer, [transferOf(payer, to, kSol)], "confirmed");
  await net.sendAndConfirm(transaction, kConfirmed);
  const signature = kit.getSignatureFromTransaction(transaction);
  const first = (await statusOf(net.url, signature)).slot;
  const ws = await socket(t, net.ws);
  const id = await ws.ask("signatureSubscribe", signature, { commitment: "finalized" });
  // Its blockhash is two blocks older: that block must stand. One slot more than it needs, for one
  // that may begin until the fault does.
  const slots = await call(net.url, "getSlot", kProcessed) - first + 2;
  const done = await fault({ kind: "rollback", slots, again: "all" });
  assert.deepEqual([done.undone.includes(signature), done.sent_again], [true, done.undone.length]);
  assert.equal(await statusOf(net.url, signature), null);
  await until("it is back", async () => (await statusOf(net.url, signature))?.slot > first);
  assert.equal(await balance(net.url, to), Number(kSol));
  assert.equal(ws.told.some((message) => message.params?.subscription === id), false);
  await fault({ kind: "expire" });
  await until("told", () => ws.told.some((message) => message.params?.subscription === id));
  assert.equal(await balance(net.url, to, { commitment: "finalized" }), Number(kSol));
});

test("after kill -9 a rollback stands, and no fault is left", async (t) => {
  const net = await network(t, ["--nodes", "2"]);
  const fault = faultOf(net);
  const to = await newKey();
  await call(net.url, "requestAirdrop", to, Number(kSol));
  await fault({ kind: "expire" });
  const signature = await call(net.url, "requestAirdrop", to, 2 * Number(kSol));
  const done = await fault({ kind: "rollback", slots: 20 });
  assert.deepEqual(done.undone, [signature], "what came before it is final");
  await fault({ kind: "clock", seconds: 5000 });
  await fault({ kind: "lag", node: 1, slots: 100 });
  await fault({ kind: "http_503", methods: ["getSlot"] });
  const picture = async (url) => ({
    lamports: await balance(url, to),
    status: await statusOf(url, signature),
    behind: await call(url, "getEpochInfo", kProcessed)
      .then(({ absoluteSlot, blockHeight }) => absoluteSlot - blockHeight),
  });
  await fault({ kind: "http_503", rate: 0 });
  const before = await picture(net.url);
  await fault({ kind: "http_503" });
  await net.end("SIGKILL");
  const again = await launch(net.dir, ["--nodes", "2"]);
  t.after(() => again.end("SIGKILL"));
  assert.deepEqual(await picture(again.url), before);
  assert.equal(before.lamports, Number(kSol));
  await assert.rejects(call(again.url, "getBlockTime", done.from), { code: -32007 });
  const slot = await call(again.url, "getSlot", kProcessed);
  assert.ok(await call(again.url, "getBlockTime", slot) > Date.now() / 1000 + 4900);
  const { active, struck, nodes } = await call(again.url, "obelisk_faults");
  assert.deepEqual([active, struck, nodes.map(({ lag }) => lag)], [[], {}, [0, 0]]);
});

test("one node lags behind another: it knows no newer blockhash, account, status or slot",
  async (t) => {
    const dir = temporaryDir(t);
    const file = join(dir, "ready.json");
    const net = await network(t, ["--slot-ms", "40", "--nodes", "2", "--ready-file", file], dir);
    const fault = faultOf(net);
    const [first, second] = net.nodes;
    assert.deepEqual(JSON.parse(readFileSync(file, "utf8")),
      { rpc: first.rpc, ws: first.ws, nodes: net.nodes });
    assert.equal(new Set(net.nodes.flatMap(({ rpc, ws }) => [rpc, ws])).size, 4);
    const identities = await Promise.all(net.nodes.map(({ rpc }) => call(rpc, "getIdentity")));
    assert.notDeepEqual(identities[0], identities[1]);
    assert.equal(await call(first.rpc, "getGenesisHash"), await call(second.rpc, "getGenesisHash"));

    await fault({ kind: "lag", node: 1, slots: 400 });
    const slots = () => Promise.all(net.nodes.map(({ rpc }) => call(rpc, "getSlot", kProcessed)));
    await until("it is behind", async () => {
      const [here, there] = await slots();
      return here > there;
    });
    const payer = await funded(net);
    const to = await newKey();
    const ws = await socket(t, second.ws);
    await ws.ask("accountSubscribe", to, { ...kProcessed, encoding: "base64" });
    const transaction = await signNow(net, payer, [transferOf(payer, to, kSol)]);
    const signature = kit.getSignatureFromTransaction(transaction);
    // The second node cannot check what is newer than it is; unchecked it passes it on.
    await assert.rejects(call(second.rpc, "sendTransaction", wireOf(transaction), kBase64),
      (error) => error.code === -32002 && error.data.err === "BlockhashNotFound");
    await call(second.rpc, "sendTransaction", wireOf(transaction),
      { encoding: "base64", skipPreflight: true });
    const { slot } = await statusOf(first.rpc, signature);
    assert.equal(await balance(first.rpc, to), Number(kSol));
    assert.equal(await balance(second.rpc, to), 0);
    assert.equal(await statusOf(second.rpc, signature), null);
    const atLeast = { ...kProcessed, minContextSlot: slot };
    await assert.rejects(call(second.rpc, "getBalance", to, atLeast),
      (error) => error.code === -32016 && error.data.contextSlot < slot);
    assert.equal(ws.told.some(({ method }) => method === "accountNotification"), false);
    await fault({ kind: "lag", node: 1, slots: 30 });
    await until("the second node sees it", async () => await balance(second.rpc, to) > 0);
    const { nodes } = await call(second.rpc, "obelisk_faults");
    assert.deepEqual(nodes.map(({ slot: at }) => nodes[0].slot - at), [0, 30]);
    assert.ok(nodes[1].slot >= slot);
    await until("told", () => ws.told.some(({ method }) => method === "accountNotification"));

    assert.equal(await call(second.rpc, "getHealth"), "ok");
    await fault({ kind: "lag", node: 1, slots: 400 });
    await fault({ kind: "expire" });
    await assert.rejects(call(second.rpc, "getHealth"), (error) => error.code === -32005
      && error.data.numSlotsBehind > 128);
    assert.equal(await (await fetch(`${second.rpc}/health`)).text(), "behind");
    assert.equal(await call(first.rpc, "getHealth"), "ok");
    await fault({ kind: "none" });
    assert.equal(await call(second.rpc, "getHealth"), "ok");
    assert.deepEqual((await call(second.rpc, "obelisk_faults")).nodes.map(({ lag }) => lag),
      [0, 0]);
  });

test("a fault may hit one node and spare the other", async (t) => {
  const net = await network(t, ["--nodes", "2"]);
  const [first, second] = net.nodes;
  await faultOf(net)({ kind: "http_503", node: 1 });
  await assert.rejects(clients({ url: second.rpc, ws: second.ws }).rpc.getSlot().send());
  assert.equal(typeof await clients({ url: first.rpc, ws: first.ws }).rpc.getSlot().send(),
    "bigint");
  await assert.rejects(faultOf(net)({ kind: "http_503", node: 2 }), /no node 2; the last is 1/);
});

test("kit gives a lost transaction up once the chain has outlived its blockhash", async (t) => {
  const net = await network(t);
  const fault = faultOf(net);
  const payer = await funded(net);
  const to = await newKey();
  await fault({ kind: "drop" });
  const transaction = await signNow(net, payer, [transferOf(payer, to, kSol)]);
  const waiting = net.sendAndConfirm(transaction, { ...kConfirmed, skipPreflight: true });
  await until("sent", async () => (await call(net.url, "obelisk_faults")).struck.drop === 1);
  await fault({ kind: "expire" });
  await assert.rejects(waiting, (error) =>
    kit.isSolanaError(error, kit.SOLANA_ERROR__BLOCK_HEIGHT_EXCEEDED));
  await fault({ kind: "none" });
  await call(net.url, "sendTransaction", wireOf(transaction),
    { encoding: "base64", skipPreflight: true });
  assert.equal(await balance(net.url, to), 0);
});

test("kit confirms a transaction that came late and twice, and it is paid once", async (t) => {
  const net = await network(t, ["--slot-ms", "40"]);
  const fault = faultOf(net);
  const payer = await funded(net);
  const to = await newKey();
  await fault({ kind: "delay", slots: 6 });
  await fault({ kind: "duplicate", slots: 3 });
  const transaction = await signNow(net, payer, [transferOf(payer, to, kSol)], "confirmed");
  await net.sendAndConfirm(transaction, kConfirmed);
  const told = () => call(net.url, "obelisk_faults").then(({ transactions }) => transactions);
  await until("the second", async () => (await told()).refused.AlreadyProcessed === 1);
  assert.equal(await balance(net.url, to), Number(kSol));
  assert.equal((await told()).waiting, 0);
});

test("the chain's time steps on, and back only by standing still", async (t) => {
  const net = await network(t, ["--slot-ms", "40"]);
  const fault = faultOf(net);
  const now = async () => call(net.url, "getBlockTime", await call(net.url, "getSlot", kProcessed));
  const start = await now();
  const { unix_time: after } = await fault({ kind: "clock", seconds: 90 });
  assert.ok(after >= start + 90 && after <= start + 92);
  await fault({ kind: "clock", seconds: -60 });
  const held = await now();
  assert.ok(held >= after);
  const slot = await call(net.url, "getSlot", kProcessed);
  await until("slots go on", async () => await call(net.url, "getSlot", kProcessed) > slot + 30);
  assert.equal(await now(), held);
  await fault({ kind: "clock", seconds: 60 });
  assert.ok(await now() > held);
});

test("ports are given one a node, or counted on from the first", async (t) => {
  assert.deepEqual([0, 1, 2].map((node) => portOf([0], node)), [0, 0, 0]);
  assert.deepEqual([0, 1, 2].map((node) => portOf([8899], node)), [8899, 8901, 8903]);
  assert.deepEqual([0, 1].map((node) => portOf([7, 5], node)), [7, 5]);
  const dir = temporaryDir(t);
  const cases = [
    [["--nodes", "9"], /--nodes must be a whole number from 1 to 8/],
    [["--nodes", "3", "--port", "1,2"], /--port names 2 ports for 3 nodes/],
    [["--nodes", "2", "--port", "65535"], /leaves no ports/],
  ];
  await Promise.all(cases.map(async ([flags, words]) => {
    const { code, stderr } = await run("../bin/localnet.mjs", ["--state", dir, ...flags]);
    assert.equal(code, 2);
    assert.match(stderr, words);
  }));
});
