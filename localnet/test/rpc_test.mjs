/** The RPC's edges: exact integers, bad input, batches, simulation, fees, warp and faults. */
import assert from "node:assert/strict";
import { generateKeyPairSync, sign as signBytes } from "node:crypto";
import { test } from "node:test";
import * as kit from "@solana/kit";
import { parseJson, writeJson } from "../lib/json.mjs";
import {
  call, funded, kSol, kSystem, network, post, sharedNetwork, sign, signNow, transferOf, until,
  wireOf,
} from "./support.mjs";

const net = sharedNetwork();
const kProcessed = { commitment: "processed" };
const kClockSysvar = "SysvarC1ock11111111111111111111111111111111";
const kComputeBudget = "ComputeBudget111111111111111111111111111111";

test("JSON keeps integers of 64 bits exactly and nothing else differently", () => {
  const text = '{"a":18446744073709551615,"b":[-9223372036854775808,1.5,1e300],"c":"9007199254740'
    + '993","d\\"1234567890123456789":9007199254740991,"e":12345678901234567.5}';
  const value = parseJson(text);
  assert.equal(value.a, 18446744073709551615n);
  assert.equal(value.b[0], -9223372036854775808n);
  assert.deepEqual(value.b.slice(1), [1.5, 1e300]);
  assert.equal(value.c, "9007199254740993");
  assert.equal(value['d"1234567890123456789'], 9007199254740991);
  assert.equal(typeof value.e, "number");
  assert.equal(writeJson({ a: value.a, s: "\u0000\"", n: null, u: undefined, l: [1n, true] }),
    '{"a":18446744073709551615,"s":"\\u0000\\"","n":null,"l":[1,true]}');
  assert.throws(() => parseJson('{"a":1234567890123456789'));
});

test("an airdrop of more than 2^53 lamports is exact both ways", async () => {
  const key = (await kit.generateKeyPairSigner()).address;
  const lamports = 9_007_199_254_740_993n;
  await call(net.url, "requestAirdrop", key, lamports);
  assert.equal((await net.rpc.getBalance(key, kProcessed).send()).value, lamports);
  assert.equal((await call(net.url, "getBalance", key, kProcessed)).value, lamports);
  await assert.rejects(call(net.url, "requestAirdrop", key, 2n ** 64n), { code: -32602 });
  await assert.rejects(call(net.url, "requestAirdrop", key, 2n ** 64n - 1n), { code: -32603 });
});

test("bad requests get the error that fits", async () => {
  const code = async (body) => (await post(net.url, body)).json.error.code;
  const method = (name, ...params) => code({ jsonrpc: "2.0", id: 1, method: name, params });
  assert.equal(await code("{"), -32700);
  assert.equal(await code("[]"), -32600);
  assert.equal(await code({ id: 1, method: "getSlot" }), -32600);
  assert.equal(await code({ jsonrpc: "2.0", id: 1, method: { toString: null } }), -32600);
  assert.equal(await code(`{"jsonrpc":"2.0","method":"getSlot","id":${"[".repeat(100_000)}`
    + `${"]".repeat(100_000)}}`), -32600);
  assert.equal(await code("[".repeat(500_000)), -32700);
  assert.equal(await code(`"${"\\\"".repeat(400_000)}1234567890123456"`), -32600);
  assert.equal(await method("getNothing"), -32601);
  assert.equal(await method("constructor"), -32601);
  assert.equal(await method("getBalance"), -32602);
  assert.equal(await method("getBalance", "O0"), -32602);
  assert.equal(await method("getBalance", kSystem, 7), -32602);
  assert.equal(await method("getBalance", kSystem, { commitment: "max" }), -32602);
  assert.equal(await method("getSlot", { minContextSlot: 2 ** 52 }), -32016);
  assert.equal(await method("getMultipleAccounts", Array(101).fill(kSystem)), -32602);
  assert.equal(await method("getSignatureStatuses", Array(257).fill("1")), -32602);
  assert.equal(await method("getMinimumBalanceForRentExemption", -1), -32602);
  assert.equal(await method("sendTransaction", "AAAA", { encoding: "base64" }), -32602);
  assert.equal(await method("sendTransaction", "x".repeat(9000)), -32602);
  assert.equal(await method("getAccountInfo", kClockSysvar, { encoding: "base65" }), -32602);
  assert.equal(await method("getProgramAccounts", kSystem,
    { encoding: "base64", filters: [{ memcmp: { offset: 0, bytes: "0OIl" } }] }), -32602);
  assert.equal((await post(net.url, "x".repeat((1 << 20) + 1))).status, 413);
  const get = await fetch(`${net.url}/health`);
  assert.equal(await get.text(), "ok");
  assert.equal((await fetch(net.url)).status, 405);
});

test("batches are answered in order, notifications not at all", async () => {
  const { json } = await post(net.url, [
    { jsonrpc: "2.0", id: "a", method: "getHealth" },
    { jsonrpc: "2.0", method: "getSlot" },
    { jsonrpc: "2.0", id: 2, method: "nope" },
    5,
  ]);
  assert.deepEqual(json.map(({ id, result, error }) => [id, result ?? error.code]),
    [["a", "ok"], [2, -32601], [null, -32600]]);
});

test("accounts come in slices and encodings, and filters choose among them", async () => {
  const owner = await funded(net);
  const account = (style) => call(net.url, "getAccountInfo", kClockSysvar,
    { ...kProcessed, ...style }).then(({ value }) => value);
  const whole = await account({ encoding: "base64" });
  assert.deepEqual([whole.space, whole.rentEpoch], [40, 18446744073709551615n]);
  const slice = await account({ encoding: "base64", dataSlice: { offset: 32, length: 8 } });
  assert.equal(slice.data[0], Buffer.from(whole.data[0], "base64").subarray(32).toString("base64"));
  assert.equal(slice.space, 40);
  assert.equal((await account({ encoding: "base58" })).data[1], "base58");
  assert.equal(typeof (await account({})).data, "string");
  const count = (filters, options) => call(net.url, "getProgramAccounts", kSystem,
    { ...kProcessed, encoding: "base64", filters, ...options });
  const all = await count([{ dataSize: 0 }], { withContext: true });
  assert.ok(all.value.some(({ pubkey }) => pubkey === owner.address));
  assert.deepEqual(await count([{ dataSize: 3 }]), []);
  const clocks = await call(net.url, "getProgramAccounts",
    "Sysvar1111111111111111111111111111111111111",
    { ...kProcessed, encoding: "base64", filters: [
      { dataSize: 40 }, { memcmp: { offset: 24, bytes: "DQQAAAAAAAA=", encoding: "base64" } },
    ] });
  assert.deepEqual(clocks.map(({ pubkey }) => pubkey), [kClockSysvar]);
  const many = await call(net.url, "getMultipleAccounts", [owner.address, kSystem, kClockSysvar],
    kProcessed);
  assert.equal(many.value[0].lamports, Number(10n * kSol));
});

test("the clock's account shows the slot and the time of its view, and a warp moves it",
  async (t) => {
    const net = await network(t);
    const read = async (commitment) => {
      const { context, value } = await call(net.url, "getAccountInfo", kClockSysvar,
        { commitment, encoding: "base64" });
      const data = Buffer.from(value.data[0], "base64");
      assert.equal(Number(data.readBigUInt64LE(0)), context.slot);
      return Number(data.readBigInt64LE(32));
    };
    assert.ok(Math.abs(await read("processed") - Date.now() / 1000) < 2);
    const warped = await call(net.url, "obelisk_warp", { seconds: 86_400 });
    assert.ok(await read("processed") >= warped.unix_time);
    assert.ok(Math.abs(warped.unix_time - 86_400 - Date.now() / 1000) < 2);
    await until("confirmed follows", async () => await read("confirmed") >= warped.unix_time);
    await assert.rejects(call(net.url, "obelisk_warp", { seconds: -1 }), { code: -32602 });
    await assert.rejects(call(net.url, "obelisk_warp", {}), { code: -32602 });
    const body = { jsonrpc: "2.0", id: 1, method: "obelisk_warp", params: { seconds: 1 } };
    assert.equal((await post(net.url, body)).json.result.unix_time > warped.unix_time, true);
  });

test("simulation runs without landing, and replaces blockhash and signatures if asked",
  async () => {
    const payer = await funded(net);
    const to = (await kit.generateKeyPairSigner()).address;
    const stale = { blockhash: kSystem, lastValidBlockHeight: 0n };
    const old = wireOf(await sign(stale, payer, [transferOf(payer, to, kSol)]));
    const run = (wire, options) => call(net.url, "simulateTransaction", wire,
      { encoding: "base64", ...kProcessed, ...options }).then(({ value }) => value);
    assert.equal((await run(old)).err, "BlockhashNotFound");
    const done = await run(old, {
      replaceRecentBlockhash: true, accounts: { encoding: "base64", addresses: [to] },
    });
    assert.deepEqual([done.err, done.unitsConsumed], [null, 150]);
    assert.equal(done.accounts[0].lamports, Number(kSol));
    assert.equal(typeof done.replacementBlockhash.blockhash, "string");
    await assert.rejects(run(old, { replaceRecentBlockhash: true, sigVerify: true }),
      { code: -32602 });
    const good = Buffer.from(
      wireOf(await signNow(net, payer, [transferOf(payer, to, kSol)])), "base64");
    good[10] ^= 1;
    const forged = good.toString("base64");
    assert.equal((await run(forged)).err, null);
    await assert.rejects(run(forged, { sigVerify: true }), { code: -32003 });
    await assert.rejects(call(net.url, "sendTransaction", forged,
      { encoding: "base64", preflightCommitment: "processed" }), { code: -32003 });
    assert.equal((await call(net.url, "getBalance", to, kProcessed)).value, 0);
  });

test("a preflight knows no blockhash younger than its commitment, as on a real node", async () => {
  const payer = await funded(net);
  const wire = wireOf(await signNow(net, payer, [transferOf(payer, payer.address, 1n)]));
  await assert.rejects(call(net.url, "sendTransaction", wire, { encoding: "base64" }),
    (error) => error.code === -32002 && error.data.err === "BlockhashNotFound");
});

/** An instruction that proves one signature over one byte. */
function ed25519Instruction() {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const message = Buffer.from([1]);
  const key = publicKey.export({ format: "der", type: "spki" }).subarray(-32);
  const header = Buffer.from("01003000ffff1000ffff70000100ffff", "hex");
  const data = Buffer.concat([header, key, signBytes(null, message, privateKey), message]);
  return {
    programAddress: "Ed25519SigVerify111111111111111111111111111", data: Uint8Array.from(data),
  };
}

test("the fee that is foretold is the fee that is taken", async () => {
  const payer = await funded(net);
  const second = await funded(net);
  const budget = (tag, value, bytes) => {
    const data = Buffer.alloc(1 + bytes);
    data[0] = tag;
    if (bytes === 8) data.writeBigUInt64LE(value, 1);
    else data.writeUInt32LE(Number(value), 1);
    return { programAddress: kComputeBudget, data: Uint8Array.from(data) };
  };
  const pay = transferOf(payer, second.address, 1n);
  const both = transferOf(second, payer.address, 1n);
  const cases = [
    [[pay], 5000], [[pay, both], 10_000],
    [[budget(2, 1000n, 4), budget(3, 1_500_000n, 8), pay], 6500],
    [[budget(3, 1n, 8), pay], 5001],
    [[ed25519Instruction(), pay], 10_000],
  ];
  for (const [instructions, fee] of cases) {
    const transaction = await signNow(net, payer, instructions);
    const message = Buffer.from(transaction.messageBytes).toString("base64");
    assert.equal((await call(net.url, "getFeeForMessage", message, kProcessed)).value, fee);
    const signature = await call(net.url, "sendTransaction", wireOf(transaction),
      { encoding: "base64", skipPreflight: true });
    const landed = await until("confirmed", () => call(net.url, "getTransaction", signature,
      { commitment: "confirmed", encoding: "base64", maxSupportedTransactionVersion: 0 }));
    assert.equal(landed.meta.fee, fee);
  }
  const fees = await call(net.url, "getRecentPrioritizationFees", [payer.address]);
  assert.equal(fees.length, 150);
  assert.deepEqual(fees.map((entry) => entry.prioritizationFee).filter((price) => price > 0)
    .sort((a, b) => a - b).at(-1), 1_500_000);
  assert.equal((await call(net.url, "getFeeForMessage", Buffer.from(
    (await sign({ blockhash: kSystem, lastValidBlockHeight: 0n }, payer, [pay])).messageBytes,
  ).toString("base64"), kProcessed)).value, null);
});

test("a block lists its transactions in the order they ran", async () => {
  const key = (await kit.generateKeyPairSigner()).address;
  const sent = await call(net.url, "requestAirdrop", key, Number(kSol));
  const landed = await until("confirmed", () => call(net.url, "getTransaction", sent,
    { commitment: "confirmed", encoding: "base64", maxSupportedTransactionVersion: 1 }));
  const settings = { commitment: "confirmed", maxSupportedTransactionVersion: 1 };
  const block = (options, slot = landed.slot) =>
    call(net.url, "getBlock", slot, { ...settings, ...options });
  const brief = await block({ transactionDetails: "signatures", rewards: false });
  assert.ok(brief.signatures.includes(sent));
  assert.equal(brief.transactions, undefined);
  const whole = await block({});
  assert.deepEqual(whole.transactions.map((one) => one.transaction[1]),
    brief.signatures.map(() => "base64"));
  assert.equal(whole.previousBlockhash, (await block({}, whole.parentSlot)).blockhash);
  await assert.rejects(block({}, 1), { code: -32007 });
  await assert.rejects(block({}, landed.slot + 10_000), { code: -32004 });
});

test("signatures for an address page by limit, before and until", async () => {
  const key = (await kit.generateKeyPairSigner()).address;
  const sent = [];
  for (let count = 0; count < 5; count += 1) {
    sent.unshift(await call(net.url, "requestAirdrop", key, Number(kSol)));
  }
  const page = (options) => call(net.url, "getSignaturesForAddress", key,
    { commitment: "confirmed", ...options }).then((list) => list.map((entry) => entry.signature));
  await until("confirmed", async () => (await page()).length === 5);
  assert.deepEqual(await page(), sent);
  assert.deepEqual(await page({ limit: 2 }), sent.slice(0, 2));
  assert.deepEqual(await page({ before: sent[1], limit: 2 }), sent.slice(2, 4));
  assert.deepEqual(await page({ until: sent[3] }), sent.slice(0, 3));
  await assert.rejects(page({ limit: 0 }), { code: -32602 });
  await assert.rejects(page({ limit: 1001 }), { code: -32602 });
});

test("faults strike as often as asked, and the calls that set them are spared", async (t) => {
  const net = await network(t);
  const payer = await funded(net);
  const to = (await kit.generateKeyPairSigner()).address;
  const wire = wireOf(await signNow(net, payer, [transferOf(payer, to, kSol)]));
  const send = () => call(net.url, "sendTransaction", wire,
    { encoding: "base64", preflightCommitment: "processed" });
  const balance = async () => (await call(net.url, "getBalance", to, kProcessed)).value;
  await call(net.url, "obelisk_fault", { kind: "drop", count: 2 });
  const signature = await send();
  assert.equal(await send(), signature, "the same answer, though nothing landed");
  assert.equal(await balance(), 0);
  assert.deepEqual((await call(net.url, "getSignatureStatuses", [signature])).value, [null]);
  await send();
  assert.equal(await balance(), Number(kSol));

  const health = { jsonrpc: "2.0", id: 1, method: "getHealth" };
  await call(net.url, "obelisk_fault", { kind: "http_429", count: 1 });
  await call(net.url, "obelisk_fault", { kind: "http_500", count: 1 });
  const limited = await post(net.url, health);
  assert.deepEqual([limited.status, limited.headers.get("retry-after")], [429, "1"]);
  assert.equal((await post(net.url, health)).status, 500);
  assert.equal((await post(net.url, health)).status, 200);

  await call(net.url, "obelisk_fault", { kind: "http_slow", ms: 300, count: 1 });
  const started = performance.now();
  await post(net.url, health);
  assert.ok(performance.now() - started >= 295);

  const struck = async (seed) => {
    await call(net.url, "obelisk_fault", { kind: "http_500", rate: 0.5, seed });
    const row = [];
    for (let count = 0; count < 40; count += 1) row.push((await post(net.url, health)).status);
    await call(net.url, "obelisk_fault", { kind: "none" });
    return row.join(" ");
  };
  const row = await struck(7);
  assert.equal(await struck(7), row);
  assert.notEqual(await struck(8), row);
  assert.ok(row.includes("200") && row.includes("500"));
  await assert.rejects(call(net.url, "obelisk_fault", { kind: "earthquake" }),
    (error) => error.code === -32602 && /earthquake/.test(error.message));
  await assert.rejects(call(net.url, "obelisk_fault", { kind: "drop", rate: 2 }), { code: -32602 });
});
