/** The ledger on a clock of its own: expiry, duplicates, time, and what a restart brings back. */
import assert from "node:assert/strict";
import { appendFileSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import * as kit from "@solana/kit";
import { Blockhashes } from "../lib/blockhashes.mjs";
import { blockHeight, kFirstSlot, SlotClock } from "../lib/clock.mjs";
import { Journal } from "../lib/journal.mjs";
import { Node } from "../lib/node.mjs";
import { transactionMethods } from "../lib/rpc/transactions.mjs";
import { decodeTransaction } from "../lib/wire.mjs";
import { Chain, funded, kGenesisMs, kSlotMs, newAddress, transfer } from "./chain.mjs";
import { kSol, temporaryDir } from "./support.mjs";

test("a transaction lands 150 blocks after its blockhash, and not at 151", async (t) => {
  const chain = new Chain(temporaryDir(t));
  const payer = await funded(chain);
  const lifetime = chain.latest();
  const [last, late] = await Promise.all([1n, 2n].map(async (lamports) =>
    transfer(lifetime, payer, await newAddress(), kSol + lamports)));
  chain.slots(150);
  assert.equal(blockHeight(chain.ledger.slot), lifetime.lastValidBlockHeight);
  assert.equal(chain.ledger.apply(last).err, null);
  chain.slots(1);
  const { record, err } = chain.ledger.apply(late);
  assert.deepEqual([record, err], [null, "BlockhashNotFound"]);
});

test("blockhashes are of their chain, stay the same after a restart, and are not of the future",
  () => {
    const table = (seed, slot) => {
      const hashes = new Blockhashes(Buffer.alloc(32, seed));
      hashes.advance(slot);
      return hashes;
    };
    const { blockhash } = table(1, 1000).latest(1000);
    assert.equal(table(1, 1100).isValid(blockhash, 1100), true);
    assert.equal(table(1, 1151).isValid(blockhash, 1151), false);
    assert.equal(table(1, 5_000_000).isValid(blockhash, 1151), false);
    assert.equal(table(2, 1000).isValid(blockhash, 1000), false);
    assert.equal(table(1, 1000).isValid(blockhash, 999), false);
  });

test("a transaction lands once, also across a restart", async (t) => {
  const chain = new Chain(temporaryDir(t));
  const payer = await funded(chain);
  const to = await newAddress();
  const transaction = await transfer(chain.latest(), payer, to, kSol);
  assert.equal(chain.ledger.apply(transaction).err, null);
  assert.equal(chain.ledger.apply(transaction).err, "AlreadyProcessed");
  chain.open();
  assert.equal(chain.ledger.apply(transaction).err, "AlreadyProcessed");
  assert.equal(chain.ledger.account(to, chain.ledger.slot).lamports, kSol);
});

test("a status grows from processed to finalized, with its confirmations", async (t) => {
  const chain = new Chain(temporaryDir(t));
  const { getSignatureStatuses } = transactionMethods(new Node(chain.ledger), () => {});
  const signature = chain.ledger.airdrop(await newAddress(), kSol);
  const seen = [];
  for (const age of [0, 1, 2, 31, 32, 300, 301]) {
    chain.slots(age - (seen.at(-1)?.[0] ?? 0));
    const { value: [status] } = getSignatureStatuses([[signature]]);
    seen.push([age, status?.confirmationStatus, status?.confirmations]);
  }
  assert.deepEqual(seen, [
    [0, "processed", 0], [1, "processed", 1], [2, "confirmed", 2], [31, "confirmed", 31],
    [32, "finalized", null], [300, "finalized", null], [301, undefined, undefined],
  ]);
  const whole = getSignatureStatuses([[signature], { searchTransactionHistory: true }]);
  assert.equal(whole.value[0].confirmationStatus, "finalized");
});

test("what could not pay has not landed", async (t) => {
  const chain = new Chain(temporaryDir(t));
  const poor = await kit.generateKeyPairSigner();
  const transaction = await transfer(chain.latest(), poor, await newAddress(), 1n);
  const { record, err } = chain.ledger.apply(transaction);
  assert.deepEqual([record, err], [null, "AccountNotFound"]);
  assert.equal(chain.ledger.history.get(transaction.signature), undefined);
});

test("a forged signature does not land", async (t) => {
  const chain = new Chain(temporaryDir(t));
  const payer = await funded(chain);
  const { raw } = await transfer(chain.latest(), payer, await newAddress(), kSol);
  raw[5] ^= 1;
  const { record, err } = chain.ledger.apply(decodeTransaction(raw));
  assert.deepEqual([record, err], [null, "SignatureFailure"]);
});

test("time follows the slots, a warp moves it on, and neither runs back", () => {
  let nowMs = kGenesisMs;
  const clock = new SlotClock({ genesisMs: kGenesisMs, slotMs: kSlotMs, nowMs: () => nowMs });
  nowMs += 10 * kSlotMs;
  assert.equal(clock.slot(), kFirstSlot + 10);
  nowMs -= 5 * kSlotMs;
  assert.equal(clock.slot(), kFirstSlot + 10, "the wall clock was set back");
  nowMs += 95 * kSlotMs;
  assert.equal(clock.slot(), kFirstSlot + 100);
  assert.equal(clock.unixTime(kFirstSlot + 100), kGenesisMs / 1000 + 20);
  clock.warp(3600);
  assert.equal(clock.slot(), kFirstSlot + 100, "slots go their own way");
  assert.equal(clock.unixTime(kFirstSlot + 100), kGenesisMs / 1000 + 3620);
  assert.equal(clock.unixTime(kFirstSlot + 95), kGenesisMs / 1000 + 19, "the past stays");
  assert.throws(() => clock.warp(-1), RangeError);
  assert.throws(() => clock.warp(0.5), RangeError);
});

test("a restart brings back views, history, time and order", async (t) => {
  const chain = new Chain(temporaryDir(t));
  const payer = await funded(chain);
  chain.slots(40);
  chain.ledger.warp(500);
  chain.slots(3);
  const to = await newAddress();
  const signatures = [];
  for (let count = 0; count < 3; count += 1) {
    const transaction = await transfer(chain.latest(), payer, to, kSol + BigInt(count));
    assert.equal(chain.ledger.apply(transaction).err, null);
    signatures.unshift(transaction.signature);
    chain.slots(2);
  }
  const picture = () => {
    const { ledger } = chain;
    const slots = [0, 1, 2, 3, 4, 5, 6, 32].map((back) => ledger.slot - back);
    return {
      slot: ledger.slot,
      lamports: slots.map((slot) => ledger.account(to, slot)?.lamports ?? 0n),
      times: slots.map((slot) => ledger.unixTime(slot)),
      history: ledger.history.forAddress(to, { slot: ledger.slot, limit: 10 })
        .map(({ raw, ...rest }) => ({ ...rest, raw: Buffer.from(raw).toString("hex") })),
    };
  };
  const before = picture();
  assert.deepEqual(before.history.map((record) => record.signature), signatures);
  assert.ok(new Set(before.lamports).size >= 3, "the views differ");
  chain.open();
  assert.deepEqual(picture(), before);
});

test("a last line that was cut off is forgotten, any other damage is told", async (t) => {
  const chain = new Chain(temporaryDir(t));
  const payer = await funded(chain);
  const whole = readFileSync(chain.path, "utf8");
  appendFileSync(chain.path, whole.slice(0, whole.length / 2).replaceAll("\n", ""));
  chain.open();
  assert.equal(chain.ledger.account(payer.address, chain.ledger.slot).lamports, 10n * kSol);
  assert.equal(readFileSync(chain.path, "utf8"), whole);
  chain.ledger.airdrop(payer.address, kSol);
  chain.open();
  assert.equal(chain.ledger.account(payer.address, chain.ledger.slot).lamports, 11n * kSol);
  writeFileSync(chain.path, `${whole.slice(0, 40)}\n${whole}`);
  assert.throws(() => new Journal(chain.path).read().next(), /damaged at line 1/);
});

test("a journal that cannot be written says so", () => {
  assert.throws(() => new Journal("/dev/full").append({}), /cannot be written: ENOSPC/);
});

test("a compacted journal is shorter and leads to the same chain", async (t) => {
  const chain = new Chain(temporaryDir(t), 50);
  const payer = await funded(chain);
  chain.ledger.warp(100);
  chain.slots(1);
  const to = await newAddress();
  const more = async (count) => {
    for (let done = 0; done < count; done += 1) {
      const transaction = await transfer(chain.latest(), payer, to, 1_000_000n + BigInt(done));
      assert.equal(chain.ledger.apply(transaction).err, null);
    }
  };
  await more(150);
  chain.slots(40);
  await more(5);
  chain.slots(2);
  await more(5);
  const picture = () => ({
    lamports: [0, 1, 2, 3, 40].map((back) =>
      chain.ledger.account(to, chain.ledger.slot - back)?.lamports ?? 0n),
    times: [0, 20, 43].map((back) => chain.ledger.unixTime(chain.ledger.slot - back)),
    size: chain.ledger.history.size,
    payer: chain.ledger.account(payer.address, chain.ledger.slot).lamports,
    newest: chain.ledger.history.forAddress(to, { slot: chain.ledger.slot, limit: 60 })
      .map((record) => `${record.signature} ${record.slot} ${record.index} ${record.post}`),
  });
  const before = picture();
  const bytes = statSync(chain.path).size;
  chain.ledger.compact();
  assert.ok(statSync(chain.path).size < bytes / 2);
  assert.deepEqual(picture(), before);
  chain.open();
  assert.deepEqual(picture(), before);
  chain.slots(1);
  await more(1);
  const after = picture();
  chain.open();
  assert.deepEqual(picture(), after);
});
