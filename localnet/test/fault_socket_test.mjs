/** Bad sockets: cut, stalled, mute, refused, telling nonsense, as ws and @solana/kit see them. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { afterEach, test } from "node:test";
import * as kit from "@solana/kit";
import WebSocket from "ws";
import { kFrameVariants } from "../lib/faults/bad_json.mjs";
import { call, kSol, sharedNetwork, socket, until } from "./support.mjs";

const net = sharedNetwork(["--slot-ms", "40", "--nodes", "2"]);
const kStyle = { commitment: "processed", encoding: "base64" };

const fault = (wish) => call(net.url, "obelisk_fault", wish);
const struck = async (kind) => (await call(net.url, "obelisk_faults")).struck[kind] ?? 0;
const airdrop = (key) => call(net.url, "requestAirdrop", key, Number(kSol));
const slotNow = () => call(net.url, "getSlot", { commitment: "processed" });
const newKey = async () => (await kit.generateKeyPairSigner()).address;
afterEach(() => fault({ kind: "none" }));

const notifications = ({ told }, method) => told.filter((message) => message?.method === method);

test("without a rate every open socket is cut at once, and a new one is fine", async (t) => {
  const before = await struck("ws_cut");
  const open = await Promise.all([net.ws, net.ws, net.nodes[1].ws].map((url) => socket(t, url)));
  const gone = open.slice(0, 2).map(({ ws }) => once(ws, "close"));
  assert.equal((await fault({ kind: "ws_cut", node: 0 })).hit, 2);
  assert.deepEqual((await Promise.all(gone)).map(([code]) => code), [1006, 1006]);
  assert.equal(open[2].ws.readyState, WebSocket.OPEN);
  assert.equal(await struck("ws_cut"), before + 2);
  const again = await socket(t, net.ws);
  assert.equal(typeof await again.ask("slotSubscribe"), "number");
});

test("with a rate a socket is cut when it is to be told something", async (t) => {
  const key = await newKey();
  const [idle, busy] = await Promise.all([net.ws, net.ws].map((url) => socket(t, url)));
  await busy.ask("accountSubscribe", key, kStyle);
  await fault({ kind: "ws_cut", rate: 1, count: 1, methods: ["accountSubscribe"] });
  const gone = once(busy.ws, "close");
  await airdrop(key);
  await gone;
  assert.deepEqual(notifications(busy, "accountNotification"), []);
  assert.equal(idle.ws.readyState, WebSocket.OPEN);
});

test("a stalled socket is open and silent, pongs too, and then tells all in order", async (t) => {
  const stalled = await socket(t, net.ws);
  await stalled.ask("slotSubscribe");
  let pongs = 0;
  stalled.ws.on("pong", () => { pongs += 1; });
  stalled.ws.ping();
  await until("a pong", () => pongs === 1);
  assert.ok((await fault({ kind: "ws_stall" })).hit >= 1);
  const newest = await slotNow();
  stalled.ws.ping();
  const asked = stalled.ask("rootSubscribe");
  await until("slots go on", async () => await slotNow() > newest + 5);
  // What was on its way has arrived, and nothing after it.
  assert.ok(notifications(stalled, "slotNotification").every(({ params }) =>
    params.result.slot <= newest));
  assert.equal(pongs, 1);
  assert.equal(stalled.ws.readyState, WebSocket.OPEN);
  const other = await socket(t, net.ws);
  assert.equal(typeof await other.ask("slotSubscribe"), "number");
  await fault({ kind: "none" });
  assert.equal(typeof await asked, "number");
  await until("the pong", () => pongs === 2);
  const slots = notifications(stalled, "slotNotification").map(({ params }) => params.result.slot);
  assert.deepEqual(slots, slots.map((_, index) => slots[0] + index));
});

test("a stall with a length ends by itself", async (t) => {
  const stalled = await socket(t, net.ws);
  await stalled.ask("slotSubscribe");
  const started = performance.now();
  await fault({ kind: "ws_stall", ms: 300 });
  const newest = await slotNow();
  await until("the rest", () => notifications(stalled, "slotNotification").some(({ params }) =>
    params.result.slot > newest));
  assert.ok(performance.now() - started >= 295);
});

test("a mute socket loses notifications without a word, by rate and seed", async (t) => {
  const row = async (seed) => {
    const key = await newKey();
    const [mute, other] = await Promise.all([net.ws, net.nodes[1].ws].map((url) => socket(t, url)));
    await fault({
      kind: "ws_mute", rate: 0.5, seed, node: 0, methods: ["accountSubscribe"],
    });
    await mute.ask("accountSubscribe", key, kStyle);
    await other.ask("accountSubscribe", key, kStyle);
    for (let count = 0; count < 16; count += 1) await airdrop(key);
    const of = (one) => notifications(one, "accountNotification")
      .map(({ params }) => params.result.value.lamports / Number(kSol));
    await until("the other node tells all", () => of(other).length === 16);
    // The answer comes after everything that was to be told before it.
    await mute.ask("rootSubscribe");
    await fault({ kind: "none" });
    return of(mute).join(" ");
  };
  const first = await row(3);
  assert.ok(first.split(" ").length > 2 && first.split(" ").length < 14, first);
  assert.equal(await row(3), first);
  assert.notEqual(await row(4), first);
});

test("a muted signature subscription never tells, though the transaction landed", async (t) => {
  await fault({ kind: "ws_mute", methods: ["signatureSubscribe"] });
  const deaf = await socket(t, net.ws);
  const signature = await airdrop(await newKey());
  await deaf.ask("signatureSubscribe", signature, { commitment: "confirmed" });
  await until("confirmed", async () => {
    const { value } = await call(net.url, "getSignatureStatuses", [signature]);
    return value[0]?.confirmationStatus === "confirmed";
  });
  await deaf.ask("rootSubscribe");
  assert.deepEqual(notifications(deaf, "signatureNotification"), []);
  assert.ok(await struck("ws_mute") > 0);
});

test("notifications are nonsense, in each of their forms", async (t) => {
  const key = await newKey();
  for (const variant of kFrameVariants) {
    const told = await socket(t, net.ws);
    const id = await told.ask("accountSubscribe", key, kStyle);
    await fault({ kind: "ws_wrong", variant, count: 1 });
    const broken = variant === "bytes" ? once(told.ws, "error") : null;
    await airdrop(key);
    if (broken !== null) {
      assert.equal((await broken)[0].code, "WS_ERR_INVALID_UTF8");
      continue;
    }
    const [, message] = await until(variant, () => told.told.length > 1 && told.told);
    const good = message?.method === "accountNotification" && message.params?.subscription === id
      && message.params.result?.context !== undefined;
    assert.equal(good, false, variant);
    told.ws.terminate();
  }
});

test("a handshake is refused, and kit says so", async (t) => {
  await fault({ kind: "ws_refuse", count: 2 });
  const refused = new WebSocket(net.ws);
  // It never opens, and ending it says so once more.
  refused.on("error", () => {});
  t.after(() => refused.terminate());
  const [, response] = await once(refused, "unexpected-response");
  assert.equal(response.statusCode, 503);
  const abortSignal = AbortSignal.timeout(5000);
  await assert.rejects(net.rpcSubscriptions.slotNotifications().subscribe({ abortSignal }));
  assert.equal(await struck("ws_refuse"), 2);
  const slots = await kit.createSolanaRpcSubscriptions(net.ws).slotNotifications()
    .subscribe({ abortSignal });
  for await (const { slot } of slots) {
    assert.equal(typeof slot, "bigint");
    break;
  }
});

test("kit's subscription ends with an error when its socket is cut", async () => {
  const subscriptions = kit.createSolanaRpcSubscriptions(net.ws);
  const slots = await subscriptions.slotNotifications()
    .subscribe({ abortSignal: AbortSignal.timeout(5000) });
  let count = 0;
  await assert.rejects(async () => {
    for await (const { slot } of slots) {
      count += slot > 0n ? 1 : 0;
      if (count === 2) await fault({ kind: "ws_cut" });
    }
  });
  assert.ok(count >= 2);
});
