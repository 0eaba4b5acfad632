/** Bad answers over HTTP, as plain fetch and @solana/kit see them. */
import assert from "node:assert/strict";
import { request } from "node:http";
import { afterEach, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import * as kit from "@solana/kit";
import { kShapeVariants, kWrongVariants } from "../lib/faults/bad_json.mjs";
import {
  call, funded, kSol, post, sharedNetwork, signNow, transferOf, wireOf,
} from "./support.mjs";

const net = sharedNetwork();
const kHealth = { jsonrpc: "2.0", id: 41, method: "getHealth" };
const kSlot = { jsonrpc: "2.0", id: 42, method: "getSlot" };
const kProcessed = { commitment: "processed" };

const fault = (wish) => call(net.url, "obelisk_fault", wish);
const report = () => call(net.url, "obelisk_faults");
afterEach(() => fault({ kind: "none" }));

/** One request on a connection of its own: its status and body, or why there is none. */
function raw(body) {
  return new Promise((resolve) => {
    const { hostname, port } = new URL(net.url);
    const sent = request({ hostname, port, method: "POST", agent: false }, (response) => {
      const parts = [];
      response.on("data", (part) => parts.push(part));
      response.on("error", (error) => resolve({ error: error.code, parts }));
      response.on("end", () => resolve({ status: response.statusCode, parts }));
    });
    sent.on("error", (error) => resolve({ error: error.code, parts: [] }));
    sent.end(JSON.stringify(body));
  });
}

/** A signed transfer, and whether it has landed. */
async function transfer() {
  const payer = await funded(net);
  const to = (await kit.generateKeyPairSigner()).address;
  const wire = wireOf(await signNow(net, payer, [transferOf(payer, to, kSol)]));
  const body = {
    jsonrpc: "2.0", id: 1, method: "sendTransaction",
    params: [wire, { encoding: "base64", skipPreflight: true }],
  };
  const landed = async () => (await call(net.url, "getBalance", to, kProcessed)).value > 0;
  return { body, landed };
}

test("statuses come with Retry-After in seconds, as a date, or without", async () => {
  const answers = [
    [{ kind: "http_429" }, 429, /^1$/],
    [{ kind: "http_429", seconds: 7 }, 429, /^7$/],
    [{ kind: "http_429", retry_after: "none" }, 429, null],
    [{ kind: "http_429", retry_after: "date", seconds: 3 }, 429, /^\w{3}, .* GMT$/],
    [{ kind: "http_503" }, 503, null],
    [{ kind: "http_503", retry_after: "seconds", seconds: 2 }, 503, /^2$/],
    [{ kind: "http_502" }, 502, null],
    [{ kind: "http_500" }, 500, null],
    [{ kind: "http_403" }, 403, null],
  ];
  for (const [wish, status, retryAfter] of answers) {
    await fault({ ...wish, count: 1 });
    const got = await post(net.url, kHealth);
    assert.equal(got.status, status);
    if (retryAfter === null) assert.equal(got.headers.get("retry-after"), null);
    else assert.match(got.headers.get("retry-after"), retryAfter);
    assert.equal((await post(net.url, kHealth)).status, 200);
  }
  await fault({ kind: "http_429", retry_after: "date", seconds: 3, count: 1 });
  const { headers } = await post(net.url, kHealth);
  const inMs = Date.parse(headers.get("retry-after")) - Date.now();
  assert.ok(inMs > 0 && inMs <= 3000, `${inMs} ms`);
});

test("kit sees a refusal as the HTTP error that it is", async () => {
  await fault({ kind: "http_429", methods: ["getSlot"] });
  await assert.rejects(net.rpc.getSlot().send(), (error) => kit.isSolanaError(
    error, kit.SOLANA_ERROR__RPC__TRANSPORT_HTTP_ERROR) && error.context.statusCode === 429);
  assert.equal(await net.rpc.getHealth().send(), "ok");
});

test("a fault hits the methods it names and no other, batches by any of theirs", async () => {
  await fault({ kind: "http_503", methods: ["getSlot", "getBalance"] });
  assert.equal((await post(net.url, kHealth)).status, 200);
  assert.equal((await post(net.url, kSlot)).status, 503);
  assert.equal((await post(net.url, [kHealth, kSlot])).status, 503);
  assert.equal((await post(net.url, [kHealth, kHealth])).status, 200);
  const local = { jsonrpc: "2.0", id: 1, method: "obelisk_faults" };
  assert.equal((await post(net.url, [kSlot, local])).status, 200);
  await fault({ kind: "http_503" });
  assert.equal((await post(net.url, local)).status, 200);
  assert.equal((await post(net.url, "no request")).json.error.code, -32700);
});

test("a request that was refused was not carried out, unless the fault says so", async () => {
  for (const wish of [{ kind: "http_503" }, { kind: "http_reset" }]) {
    const [before, after] = [await transfer(), await transfer()];
    await fault({ ...wish, count: 1 });
    await raw(before.body);
    assert.equal(await before.landed(), false);
    await fault({ ...wish, count: 1, after: true });
    await raw(after.body);
    assert.equal(await after.landed(), true);
  }
});

test("a connection is reset, and an answer is cut off in the middle", async () => {
  await fault({ kind: "http_reset", count: 1 });
  assert.deepEqual(await raw(kHealth), { error: "ECONNRESET", parts: [] });
  for (let count = 0; count < 5; count += 1) {
    await fault({ kind: "http_cut", count: 1, seed: count });
    const { error, parts } = await raw(kHealth);
    assert.equal(error, "ECONNRESET");
    assert.ok(Buffer.concat(parts).length < JSON.stringify({ ...kHealth, result: "ok" }).length);
  }
  await fault({ kind: "http_cut", count: 1 });
  await assert.rejects(net.rpc.getSlot().send());
});

test("an answer comes late, and a caller who does not wait is let go", async () => {
  await fault({ kind: "http_slow", ms: 250, count: 1 });
  const started = performance.now();
  assert.equal((await post(net.url, kHealth)).json.result, "ok");
  assert.ok(performance.now() - started >= 245);
  for (const after of [false, true]) {
    const { body, landed } = await transfer();
    await fault({ kind: "http_slow", ms: 3_000, count: 1, after });
    await assert.rejects(fetch(net.url, {
      method: "POST", body: JSON.stringify(body), signal: AbortSignal.timeout(1_000),
    }), { name: "TimeoutError" });
    assert.equal(await landed(), after, "carried out at once");
    await sleep(3_000);
    assert.equal(await landed(), after, "or never");
  }
});

test("an answer is no JSON, in each of its forms", async () => {
  for (const variant of kWrongVariants) {
    await fault({ kind: "json_wrong", variant, count: 1 });
    const { status, parts } = await raw(kHealth);
    assert.equal(status, 200);
    const bytes = Buffer.concat(parts);
    assert.throws(() => {
      JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    }, variant);
    await fault({ kind: "json_wrong", variant, count: 1 });
    await assert.rejects(net.rpc.getSlot().send(), variant);
  }
});

test("an answer is JSON of another shape, which its form alone gives away", async () => {
  for (const variant of kShapeVariants) {
    await fault({ kind: "json_shape", variant, count: 1 });
    const { status, json } = await post(net.url, kSlot);
    assert.equal(status, 200);
    assert.notEqual(json, undefined, variant);
    const good = json !== null && !Array.isArray(json) && json.id === kSlot.id
      && Number.isSafeInteger(json.result);
    assert.equal(good, false, variant);
  }
  // By chance, and the same ones for one seed.
  const row = async (seed) => {
    await fault({ kind: "json_shape", seed });
    const bodies = [];
    for (let count = 0; count < 12; count += 1) {
      bodies.push(Buffer.concat((await raw(kSlot)).parts).toString().slice(0, 60));
    }
    return bodies;
  };
  const first = await row(2);
  assert.deepEqual(await row(2), first);
  assert.notDeepEqual(await row(3), first);
  assert.ok(new Set(first).size > 3);
});

test("a huge answer is JSON to its last byte, and need not be read to its end", async () => {
  await fault({ kind: "json_huge", count: 1, bytes: 1000 });
  const { json } = await post(net.url, kSlot);
  assert.deepEqual([json.id, json.result.length], [42, 1000]);
  await fault({ kind: "json_huge", count: 2 });
  const { parts } = await raw(kSlot);
  const bytes = parts.reduce((sum, part) => sum + part.length, 0);
  assert.ok(bytes > 64 << 20 && bytes < (64 << 20) + 100, `${bytes} bytes`);
  // Who has enough after a megabyte goes away, and the node goes on.
  const response = await fetch(net.url, { method: "POST", body: JSON.stringify(kSlot) });
  let read = 0;
  for await (const part of response.body) {
    read += part.length;
    if (read > 1 << 20) break;
  }
  assert.equal((await post(net.url, kHealth)).status, 200);
});

test("one seed decides about a method's calls the same way, whatever comes between", async () => {
  const row = async (seed, noise) => {
    await fault({ kind: "http_500", rate: 0.4, seed });
    const statuses = [];
    for (let count = 0; count < 30; count += 1) {
      if (noise) await post(net.url, kHealth);
      statuses.push((await post(net.url, kSlot)).status);
    }
    return statuses.join(" ");
  };
  const quiet = await row(12, false);
  assert.equal(await row(12, true), quiet);
  assert.notEqual(await row(13, false), quiet);
  // Two kinds under one seed do not strike together.
  await fault({ kind: "http_429", rate: 0.4, seed: 12 });
  await fault({ kind: "http_500", rate: 0 });
  const other = [];
  for (let count = 0; count < 30; count += 1) other.push((await post(net.url, kSlot)).status);
  assert.notEqual(other.join(" ").replaceAll("429", "500"), quiet);
});

test("the report counts what was done, and says what is in force", async () => {
  const before = (await report()).struck;
  await fault({ kind: "http_502", count: 3, seed: 5, methods: ["getSlot"] });
  await post(net.url, kSlot);
  const { active, struck } = await report();
  assert.deepEqual(active, [{
    kind: "http_502", rate: 1, count: 2, seed: 5, node: null, methods: ["getSlot"],
    after: false, retry_after: "none", seconds: 1, struck: 1,
  }]);
  assert.equal(struck.http_502, (before.http_502 ?? 0) + 1);
  await post(net.url, kSlot);
  await post(net.url, kSlot);
  assert.equal((await post(net.url, kSlot)).status, 200);
  assert.deepEqual((await report()).active, []);
  await fault({ kind: "http_502" });
  await fault({ kind: "http_502", rate: 0 });
  assert.deepEqual((await report()).active, []);
  assert.equal((await report()).struck.http_502, (before.http_502 ?? 0) + 3);
});

test("a wish that is wrong is refused with what is wrong about it", async () => {
  const wrong = [
    [{ kind: "earthquake" }, /"earthquake"; the kinds are none, drop/],
    [{}, /without a kind/],
    [{ kind: "constructor" }, /"constructor"/],
    [{ kind: "drop", rate: 1.5 }, /rate/],
    [{ kind: "drop", rate: "1" }, /rate/],
    [{ kind: "drop", count: -1 }, /count/],
    [{ kind: "drop", methods: ["getSlot"] }, /drop takes no "methods"/],
    [{ kind: "http_429", retry_after: "soon" }, /retry_after/],
    [{ kind: "http_slow", ms: 600_001 }, /ms/],
    [{ kind: "http_slow", delay_ms: 1 }, /takes no "delay_ms"; it takes kind, rate/],
    [{ kind: "json_huge", bytes: (64 << 20) + 1 }, /bytes/],
    [{ kind: "json_wrong", variant: "null" }, /variant/],
    [{ kind: "rollback", slots: 0 }, /slots/],
    [{ kind: "rollback", slots: 33 }, /slots/],
    [{ kind: "clock" }, /seconds/],
    [{ kind: "lag", slots: 3, rate: 0.5 }, /lag takes no "rate"/],
    [{ kind: "none", rate: 1 }, /none takes no "rate"/],
    [{ kind: "http_500", methods: [] }, /methods/],
    [{ kind: "http_500", node: 1 }, /no node 1; the last is 0/],
  ];
  for (const [wish, words] of wrong) {
    await assert.rejects(fault(wish), (error) => error.code === -32602 && words.test(error.message),
      JSON.stringify(wish));
  }
  assert.deepEqual((await report()).active, []);
});
