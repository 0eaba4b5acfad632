/** kill -9 in the middle of everything: nothing that was answered is lost. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import * as kit from "@solana/kit";
import WebSocket from "ws";
import {
  call, clients, funded, kSol, launch, network, run, signNow, temporaryDir, transferOf, until,
  wireOf,
} from "./support.mjs";

test("after kill -9 balances, statuses, history and blockhashes are the same", async (t) => {
  const net = await network(t);
  const payer = await funded(net);
  const to = (await kit.generateKeyPairSigner()).address;
  const [first, spare] = await Promise.all([1n, 2n].map((lamports) =>
    signNow(net, payer, [transferOf(payer, to, kSol + lamports)])));
  const settings = { encoding: "base64", preflightCommitment: "processed" };
  const signature = await call(net.url, "sendTransaction", wireOf(first), settings);
  await call(net.url, "obelisk_warp", { seconds: 1000 });
  const picture = async (url) => ({
    balances: await Promise.all([payer.address, to].map((key) =>
      call(url, "getBalance", key, { commitment: "processed" }).then(({ value }) => value))),
    statuses: (await call(url, "getSignatureStatuses", [signature]))
      .value.map(({ slot, err }) => ({ slot, err })),
    history: (await call(url, "getSignaturesForAddress", payer.address,
      { commitment: "confirmed" })).map(({ confirmationStatus, ...entry }) => entry),
    transaction: await call(url, "getTransaction", signature, {
      commitment: "confirmed", encoding: "base64", maxSupportedTransactionVersion: 0,
    }),
    genesis: await call(url, "getGenesisHash"),
  });
  await until("confirmed", async () => (await picture(net.url)).transaction !== null);
  const before = await picture(net.url);
  const slot = await call(net.url, "getSlot", { commitment: "processed" });
  assert.equal(before.history.length, 2);

  assert.equal(await net.end("SIGKILL"), null);
  const second = await launch(net.dir);
  t.after(() => second.end("SIGKILL"));
  assert.deepEqual(await picture(second.url), before);
  assert.ok(await call(second.url, "getSlot", { commitment: "processed" }) >= slot);
  const clock = await call(second.url, "getBlockTime",
    await call(second.url, "getSlot", { commitment: "processed" }));
  assert.ok(clock > Date.now() / 1000 + 990, "the warp is kept");
  await assert.rejects(call(second.url, "sendTransaction", wireOf(first), settings),
    { code: -32002 });
  const sent = await call(second.url, "sendTransaction", wireOf(spare), settings);
  assert.equal(sent, kit.getSignatureFromTransaction(spare), "its blockhash is still good");
  assert.equal(
    (await call(second.url, "getBalance", to, { commitment: "processed" })).value,
    Number(2n * kSol + 3n),
  );
});

test("kill -9 under load loses nothing that was answered", async (t) => {
  const net = await network(t);
  const payer = await funded(net, 100n * kSol);
  const to = (await kit.generateKeyPairSigner()).address;
  const signed = await Promise.all(Array.from({ length: 200 }, (_, index) =>
    signNow(net, payer, [transferOf(payer, to, kSol / 100n + BigInt(index))])));
  const answered = [];
  const sending = signed.map(async (transaction, index) => {
    try {
      answered.push(await call(net.url, "sendTransaction", wireOf(transaction),
        { encoding: "base64", skipPreflight: true }));
      if (index === 100) await net.end("SIGKILL");
    } catch {
      // The network was killed under this one: nothing was promised.
    }
  });
  await Promise.all(sending);
  assert.ok(answered.length > 0);
  const second = clients(await launchAgain(t, net.dir));
  const known = await call(second.url, "getSignatureStatuses", answered);
  assert.equal(known.value.filter((status) => status?.err === null).length, answered.length);
});

test("a full disk ends it with a word, and what was answered is kept", async (t) => {
  const dir = temporaryDir(t);
  const full = await launch(dir, [], { fileBlocks: 24 });
  t.after(() => full.end("SIGKILL"));
  const key = (await kit.generateKeyPairSigner()).address;
  let answered = 0;
  await assert.rejects(async () => {
    for (;;) {
      await call(full.url, "requestAirdrop", key, Number(kSol));
      answered += 1;
    }
  });
  assert.equal(await full.ended(), 8);
  assert.match(full.told(), /cannot be written: EFBIG/);
  assert.ok(answered > 3);
  const roomy = await launchAgain(t, dir);
  const { value } = await call(roomy.url, "getBalance", key, { commitment: "processed" });
  assert.equal(value, answered * Number(kSol));
});

async function launchAgain(t, dir) {
  const process = await launch(dir);
  t.after(() => process.end("SIGKILL"));
  return process;
}

test("SIGTERM ends it at once with exit code 0, and takes the ready file away",
  async (t) => {
    const dir = temporaryDir(t);
    const file = join(dir, "ready.json");
    const net = await network(t, ["--ready-file", file], dir);
    assert.deepEqual(JSON.parse(readFileSync(file, "utf8")), { rpc: net.url, ws: net.ws });
    assert.equal(statSync(file).mode & 0o777, 0o600);
    const ws = new WebSocket(net.ws);
    await once(ws, "open");
    // An open socket and a kept connection must not hold it up.
    await call(net.url, "getHealth");
    const started = performance.now();
    assert.equal(await net.end("SIGTERM"), 0);
    const tookMs = performance.now() - started;
    assert.ok(tookMs < 4000, `${tookMs} ms`);
    t.diagnostic(`ended in ${Math.round(tookMs)} ms`);
    assert.throws(() => statSync(file), { code: "ENOENT" });
  });

test("says what is wrong with flags, ports and the state, and starts nothing", async (t) => {
  const dir = temporaryDir(t);
  const net = await network(t, [], dir);
  const command = "../bin/localnet.mjs";
  const { port } = new URL(net.url);
  const other = join(dir, "other");
  const cases = [
    [[], 2, /--state/],
    [["--state", other, "--port", "70000"], 2, /--port must be/],
    [["--state", other, "--features", "some"], 2, /mainnet or all/],
    [["--state", other, "--bogus"], 2, /--help/],
    [["--state", other, "--port", port, "--ws-port", "0"], 8, /is taken/],
    [["--state", `${other}2`, "--port", "0", "--ws-port", new URL(net.ws).port], 8, /is taken/],
    [["--state", join(dir, "chain"), "--port", "0", "--ws-port", "0"], 8, /already runs/],
    [["--state", "/dev/null/x", "--port", "0"], 8, /cannot be written/],
  ];
  await Promise.all(cases.map(async ([flags, code, text]) => {
    const done = await run(command, flags);
    assert.equal(done.code, code, `${flags}: ${done.stderr}`);
    assert.match(done.stderr, text);
  }));
  assert.equal((await run(command, ["--help"])).code, 0);
  await net.end("SIGTERM");
  const slower = await run(command,
    ["--state", join(dir, "chain"), "--port", "0", "--ws-port", "0", "--slot-ms", "400"]);
  assert.equal(slower.code, 8);
  assert.match(slower.stderr, /made with --slot-ms 200/);
});
