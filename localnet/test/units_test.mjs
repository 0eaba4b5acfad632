/** The small parts on their own: account versions, journal changes, errors, wire bytes. */
import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { createServer } from "node:http";
import { test } from "node:test";
import * as kit from "@solana/kit";
import WebSocket from "ws";
import { decodeChange, encodeChange, sameAccount } from "../lib/delta.mjs";
import { fromBase58, fromBase64, isAddress, isSignature } from "../lib/encoding.mjs";
import { transactionErrorText } from "../lib/errors.mjs";
import { Faults } from "../lib/faults/faults.mjs";
import { History } from "../lib/history.mjs";
import { Dispatcher } from "../lib/rpc/dispatch.mjs";
import { Subscriptions } from "../lib/subscriptions.mjs";
import { Views } from "../lib/views.mjs";
import { createWebSocket } from "../lib/websocket.mjs";
import { decodeTransaction, resolveLookups } from "../lib/wire.mjs";
import { kSystem, sign, transferOf } from "./support.mjs";

const account = (data, lamports = 1n) =>
  ({ lamports, data: Uint8Array.from(data), owner: kSystem, executable: false });

test("a view finds the version of its slot until that slot is final", () => {
  const views = new Views();
  const [a, b, c] = [1n, 2n, 3n].map((lamports) => account([], lamports));
  views.record("x", 10, null, a);
  views.record("x", 12, a, b);
  views.record("x", 12, b, c);
  const seen = () => [9, 10, 11, 12, 13].map((slot) => views.at("x", slot)?.lamports ?? null);
  assert.deepEqual(seen(), [null, 1n, 1n, 3n, 3n]);
  views.prune(9);
  assert.deepEqual(seen(), [null, 1n, 1n, 3n, 3n]);
  views.prune(10);
  assert.deepEqual(seen(), [1n, 1n, 1n, 3n, 3n]);
  views.prune(11);
  assert.equal(views.at("x", 11), a);
  views.prune(12);
  assert.deepEqual([views.at("x", 12), [...views.addresses()]], [undefined, []]);
});

test("every change of an account comes back from the journal as it was", () => {
  const states = [
    null, account([]), account([1]), account([1, 1]), account([1, 1, 1]), account([1, 2, 1]),
    account([2, 1, 1, 2]), account([1, 2, 1, 2, 1], 18_446_744_073_709_551_615n),
    account([0, 0, 0, 0, 0, 0]), { ...account([7, 7]), executable: true },
  ];
  for (const before of states) {
    for (const after of states) {
      const written = JSON.parse(JSON.stringify(encodeChange(kSystem, before, after)));
      const back = decodeChange(written, before);
      assert.ok(sameAccount(back, after));
      assert.equal(sameAccount(before, after), before === after);
    }
  }
  const far = encodeChange(kSystem, account([1, 2, 3, 4]), account([1, 2, 9, 4]));
  assert.throws(() => decodeChange(far, account([1])), /does not fit/);
});

test("history forgets its oldest first and pages newest first", () => {
  const history = new History(3);
  for (const slot of [1, 2, 3, 4]) {
    history.add({ signature: `s${slot}`, slot, keys: ["k"], writable: [] });
  }
  assert.equal(history.size, 3);
  assert.equal(history.get("s1"), undefined);
  assert.deepEqual(history.inSlot(1), []);
  const page = (options) => history.forAddress("k", { slot: 4, limit: 9, ...options })
    .map((record) => record.signature);
  assert.deepEqual(page({}), ["s4", "s3", "s2"]);
  assert.deepEqual(page({ slot: 3 }), ["s3", "s2"]);
  assert.deepEqual(page({ before: "s3" }), ["s2"]);
  assert.deepEqual(page({ before: "gone" }), []);
  assert.deepEqual(page({ until: "s2" }), ["s4", "s3"]);
});

test("errors read as sentences", () => {
  const text = transactionErrorText;
  assert.equal(text("BlockhashNotFound"), "Blockhash not found");
  assert.equal(text({ InstructionError: [2, { Custom: 107 }] }),
    "Error processing Instruction 2: custom program error: 0x6b");
  assert.equal(text({ InstructionError: [0, "InvalidAccountData"] }),
    "Error processing Instruction 0: invalid account data");
  assert.equal(text({ InsufficientFundsForRent: { account_index: 1 } }),
    'Insufficient funds for rent: {"account_index":1}');
});

test("text from outside is measured before it is decoded", () => {
  assert.equal(fromBase58("1".repeat(45), 44), null);
  assert.equal(fromBase58("0", 44), null);
  assert.equal(fromBase58(7, 44), null);
  assert.equal(fromBase64("A", 8), null);
  assert.equal(fromBase64("AAA*", 8), null);
  assert.deepEqual(fromBase64("AAEC", 8), Uint8Array.of(0, 1, 2));
  assert.equal(isAddress(kSystem), true);
  assert.equal(isAddress("1".repeat(31)), false);
  assert.equal(isSignature("1".repeat(64)), true);
});

test("lookup tables name accounts past their header, and no further", () => {
  const data = new Uint8Array(56 + 64);
  data.fill(3, 56, 88);
  data.fill(4, 88);
  const table = (key) => (key === "table" ? account(data) : null);
  const message = (lookup) => ({ lookups: [{ table: "table", ...lookup }] });
  const [three, four] = [3, 4].map((byte) =>
    kit.getAddressDecoder().decode(new Uint8Array(32).fill(byte)));
  assert.deepEqual(resolveLookups(message({ writable: [1], readonly: [0] }), table),
    { writable: [four], readonly: [three] });
  assert.equal(resolveLookups(message({ writable: [2], readonly: [] }), table), null);
  assert.equal(resolveLookups({ lookups: [{ table: "no", writable: [0], readonly: [] }] }, table),
    null);
});

test("a transaction with a byte missing or added is refused, a broken index too", async () => {
  const payer = await kit.generateKeyPairSigner();
  const lifetime = { blockhash: kSystem, lastValidBlockHeight: 0n };
  for (const version of ["legacy", 0, 1]) {
    const signed = await sign(lifetime, payer, [transferOf(payer, payer.address, 1n)], version);
    const raw = Uint8Array.from(kit.getTransactionEncoder().encode(signed));
    const decoded = decodeTransaction(raw);
    assert.equal(decoded.message.version, version);
    assert.equal(decoded.signature, kit.getSignatureFromTransaction(signed));
    for (let length = 0; length < raw.length; length += 1) {
      assert.throws(() => decodeTransaction(raw.slice(0, length)), { code: -32602 });
    }
    assert.throws(() => decodeTransaction(Uint8Array.from([...raw, 0])), { code: -32602 });
  }
  const signed = await sign(lifetime, payer, [transferOf(payer, payer.address, 1n)], "legacy");
  const raw = Uint8Array.from(kit.getTransactionEncoder().encode(signed));
  const program = raw.length - 12 - 1 - 3 - 1;
  assert.equal(raw[program], 1);
  for (const index of [0, 2, 255]) {
    const broken = raw.slice();
    broken[program] = index;
    assert.throws(() => decodeTransaction(broken), { code: -32602 });
  }
});

/** A socket that subscribes to slots that many times. */
async function slotSocket(t, port, count) {
  const ws = new WebSocket(`ws://127.0.0.1:${port}`);
  t.after(() => ws.terminate());
  const told = [];
  ws.on("message", (text) => told.push(JSON.parse(text)));
  await once(ws, "open");
  const body = { jsonrpc: "2.0", id: 1, method: "slotSubscribe" };
  ws.send(JSON.stringify(Array.from({ length: count }, () => body)));
  await once(ws, "message");
  return { ws, told };
}

test("a socket that does not read is dropped, and no other is", async (t) => {
  const ledger = Object.assign(new EventEmitter(), {
    advance() {}, history: new History(1), number: 0, slotAt: () => 0, parentOf: () => 0,
  });
  const subscriptions = new Subscriptions(ledger);
  const server = createServer();
  const sockets = createWebSocket({
    server, ledger, subscriptions, faults: new Faults(), bufferLimit: 1_000_000,
    dispatcher: new Dispatcher(subscriptions.methods(), (error) => { throw error; }),
  });
  server.listen(0, "127.0.0.1");
  t.after(() => {
    sockets.close();
    server.close();
    server.closeAllConnections();
  });
  await once(server, "listening");
  const { port } = server.address();
  const [slow, other] = await Promise.all([slotSocket(t, port, 200), slotSocket(t, port, 1)]);
  const gone = once(slow.ws, "close");
  // Nobody reads in between: what one socket is owed grows 200 times as fast as the other's, past
  // what the kernel holds for it.
  let slot = 1000;
  const open = () => [...sockets.clients].filter((socket) => socket.readyState === WebSocket.OPEN);
  for (; open().length === 2 && slot < 3000; slot += 1) ledger.emit("slot", slot);
  assert.equal(open().length, 1);
  await gone;
  ledger.emit("slot", slot);
  while (other.told.at(-1).params?.result.slot !== slot) await once(other.ws, "message");
  assert.equal(other.told.length, slot - 1000 + 2);
});
