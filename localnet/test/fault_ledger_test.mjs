/** The chain's own bad days on a clock of its own: rollback, expiry, clock steps, deliveries. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as kit from "@solana/kit";
import { kFirstSlot, SlotClock } from "../lib/clock.mjs";
import { ChainFaults } from "../lib/faults/chain.mjs";
import { Delivery } from "../lib/faults/delivery.mjs";
import { Faults } from "../lib/faults/faults.mjs";
import { generator } from "../lib/faults/random.mjs";
import { Fork } from "../lib/fork.mjs";
import { Node } from "../lib/node.mjs";
import * as loader from "../tools/loader.mjs";
import { Chain, funded, kGenesisMs, kSlotMs, newAddress, signed, transfer } from "./chain.mjs";
import { answering, kSol, temporaryDir } from "./support.mjs";

/** A chain with everything that a process puts around it, but for the sockets. */
async function worldOf(t) {
  const chain = new Chain(temporaryDir(t));
  const payer = await funded(chain);
  chain.slots(40);
  const faults = new Faults();
  const delivery = new Delivery(chain.ledger, faults);
  new ChainFaults(chain.ledger, faults, delivery).watch();
  return { chain, payer, faults, delivery };
}

const lamportsOf = (chain, address, slot = chain.ledger.slot) =>
  chain.ledger.account(address, slot)?.lamports ?? 0n;

test("heights, depths and dead slots agree with a chain that is walked block by block", () => {
  const random = generator(11, "forks");
  for (let round = 0; round < 40; round += 1) {
    const fork = new Fork();
    const base = fork.heightOf(1000);
    const alive = Array.from({ length: 101 }, (_, index) => 900 + index);
    let tip = 1000;
    for (let step = 0; step < 12; step += 1) {
      const count = Math.min(1 + Math.floor(random() * 20), 100);
      const from = alive[alive.length - count];
      fork.kill(from, tip, {});
      alive.length -= count;
      for (let more = 1 + Math.floor(random() * 30); more > 0; more -= 1) {
        tip += 1;
        alive.push(tip);
      }
    }
    for (let slot = 900; slot <= tip; slot += 1) {
      const index = alive.findLastIndex((one) => one <= slot);
      assert.equal(fork.isDead(slot), !alive.includes(slot));
      if (index < 0) continue;
      assert.equal(fork.alive(slot), alive[index]);
      assert.equal(fork.heightOf(slot), base - 100 + index);
      for (const blocks of [0, 1, 2, 32]) {
        if (index >= blocks) assert.equal(fork.back(slot, blocks), alive[index - blocks]);
      }
    }
  }
});

test("a rollback takes back accounts, statuses, history and blockhashes, and nothing older",
  async (t) => {
    const { chain, payer, faults } = await worldOf(t);
    const { ledger } = chain;
    const to = await newAddress();
    const old = await transfer(chain.latest(), payer, to, kSol);
    ledger.apply(old);
    const kept = chain.latest();
    const before = lamportsOf(chain, payer.address);
    chain.slots(3);
    const tip = ledger.slot;
    const lost = chain.latest();
    const undone = [];
    for (let count = 0; count < 3; count += 1) {
      const transaction = await transfer(count === 0 ? kept : lost, payer, to, 2n + BigInt(count));
      assert.equal(ledger.apply(transaction).err, null);
      undone.push(transaction);
    }
    assert.equal(lamportsOf(chain, to), kSol + 9n);
    const done = faults.set({ kind: "rollback", slots: 3 });
    assert.deepEqual([done.from, done.to, done.parent, done.slot, done.sent_again],
      [tip - 2, tip, tip - 3, tip + 1, 0]);
    assert.deepEqual(done.undone, undone.map(({ signature }) => signature));
    assert.equal(ledger.slot, tip + 1);
    assert.deepEqual([lamportsOf(chain, to), lamportsOf(chain, payer.address)], [kSol, before]);
    assert.ok(undone.every(({ signature }) => ledger.history.get(signature) === undefined));
    assert.deepEqual(ledger.history.forAddress(to, { slot: ledger.slot, limit: 9 })
      .map(({ signature }) => signature), [old.signature]);
    assert.equal(ledger.hashes.isValid(lost.blockhash, ledger.slot), false);
    assert.equal(ledger.hashes.isValid(kept.blockhash, ledger.slot), true);
    assert.equal(ledger.fork.heightOf(ledger.slot), ledger.fork.heightOf(tip) + 1);
    // What has a blockhash of the chain that stands may land again, the rest never.
    assert.equal(ledger.apply(undone[0]).err, null);
    assert.equal(ledger.apply(undone[1]).err, "BlockhashNotFound");
    assert.equal(lamportsOf(chain, to), kSol + 2n);
  });

test("nothing that is finalized is rolled back, however much is asked for", async (t) => {
  const { chain, payer, faults } = await worldOf(t);
  const { ledger } = chain;
  const [safe, young] = [await newAddress(), await newAddress()];
  ledger.apply(await transfer(chain.latest(), payer, safe, kSol));
  chain.slots(1);
  ledger.apply(await transfer(chain.latest(), payer, young, kSol));
  chain.slots(31);
  const finalized = ledger.slotAt("finalized");
  assert.deepEqual([lamportsOf(chain, safe, finalized), lamportsOf(chain, young, finalized)],
    [kSol, 0n]);
  assert.equal(faults.set({ kind: "rollback", slots: 32 }).parent, finalized);
  assert.deepEqual([lamportsOf(chain, safe), lamportsOf(chain, young)], [kSol, 0n]);
  assert.deepEqual(["confirmed", "finalized"].map((level) => ledger.slotAt(level)),
    [finalized, finalized]);
  for (let count = 0; count < 5; count += 1) {
    assert.equal(faults.set({ kind: "rollback", slots: 32 }).parent, finalized);
  }
  assert.equal(lamportsOf(chain, safe), kSol);
});

test("confirmed and finalized never go back but for what was rolled back", async (t) => {
  const { chain, faults } = await worldOf(t);
  const { ledger } = chain;
  const random = generator(3, "walk");
  const seen = { confirmed: 0, finalized: 0 };
  for (let step = 0; step < 200; step += 1) {
    chain.slots(1 + Math.floor(random() * 6));
    for (const level of ["confirmed", "finalized"]) {
      assert.ok(ledger.slotAt(level) >= seen[level], `${level} at step ${step}`);
      seen[level] = ledger.slotAt(level);
      assert.equal(ledger.fork.isDead(seen[level]), false);
    }
    if (random() < 0.5) continue;
    const { parent } = faults.set({ kind: "rollback", slots: 1 + Math.floor(random() * 8) });
    assert.ok(parent >= seen.finalized);
    seen.confirmed = Math.min(seen.confirmed, parent);
  }
});

test("undone transactions land again as asked, and one seed chooses the same ones", async (t) => {
  const chosen = async (again, seed) => {
    const { chain, payer, faults, delivery } = await worldOf(t);
    const to = await newAddress();
    const lifetime = chain.latest();
    chain.slots(1);
    const sent = [];
    for (let count = 0; count < 12; count += 1) {
      sent.push(await transfer(lifetime, payer, to, 1_000_000n + BigInt(count)));
      delivery.send(sent[count], 0);
    }
    const { sent_again: coming } = faults.set({ kind: "rollback", slots: 1, again, seed });
    assert.equal(lamportsOf(chain, to), 0n);
    chain.slots(2);
    const landed = sent.map(({ signature }) => chain.ledger.history.get(signature)?.err);
    const told = delivery.report();
    assert.deepEqual([told.sent, told.undone, told.waiting], [12, 12, 0]);
    assert.deepEqual([told.landed_again, told.landed - 12], [coming, coming]);
    assert.equal(landed.filter((err) => err === null).length, coming);
    return landed.map((err) => (err === null ? "x" : ".")).join("");
  };
  assert.equal(await chosen("none"), ".".repeat(12));
  assert.equal(await chosen("all"), "x".repeat(12));
  const some = await chosen("some", 5);
  assert.match(some, /x/);
  assert.match(some, /\./);
  assert.equal(await chosen("some", 5), some);
  assert.notEqual(await chosen("some", 6), some);
});

/** Deploys a program that answers with a number, or upgrades it, all in this slot. */
async function deployed(chain, payer, program, answer) {
  const elf = answering(answer);
  const buffer = await kit.generateKeyPairSigner();
  const data = await loader.dataAddressOf(program.address);
  const rent = (bytes) => chain.ledger.minimumBalance(bytes);
  const whole = loader.kBufferHeaderBytes + elf.length;
  const fresh = chain.ledger.account(program.address, chain.ledger.slot) === null;
  const steps = [
    [loader.createAccount({ payer, account: buffer, lamports: rent(whole), space: whole }),
      loader.initializeBuffer(buffer.address, payer.address),
      loader.write({ buffer: buffer.address, authority: payer, offset: 0, bytes: elf })],
    fresh
      ? [loader.createAccount({ payer, account: program, space: loader.kProgramBytes,
        lamports: rent(loader.kProgramBytes) }),
      loader.deploy({ payer, data, program: program.address, buffer: buffer.address,
        maxBytes: elf.length })]
      : [loader.upgrade({ payer, data, program: program.address, buffer: buffer.address })],
  ];
  for (const instructions of steps) {
    const { err } = chain.ledger.apply(await signed(chain.latest(), payer, instructions));
    assert.equal(err, null);
    // The loader takes one deployment of a program a slot.
    chain.slots(1);
  }
}

test("a program that was rolled back cannot be called, and an upgrade gives the old code back",
  async (t) => {
    const { chain, payer, faults } = await worldOf(t);
    const program = await kit.generateKeyPairSigner();
    const answer = async (reader = chain.ledger) => {
      const call = await signed(chain.latest(), payer, [{ programAddress: program.address }]);
      const { err } = reader.simulate(call, { verifySignatures: true });
      return err?.InstructionError?.[1]?.Custom ?? err;
    };
    const rollback = () => faults.set({ kind: "rollback", slots: 32 }).undone.length;
    await deployed(chain, payer, program, 7);
    assert.equal(await answer(), 7);
    assert.equal(rollback(), 2);
    assert.equal(await answer(), "InvalidProgramForExecution");
    assert.equal(lamportsOf(chain, payer.address), 10n * kSol);
    const node = new Node(chain.ledger, 1);
    node.lagBy(100);
    // The first slot of the new fork began early.
    chain.slots(2);
    await deployed(chain, payer, program, 7);
    // A node that has not seen it yet cannot run it; the chain still can.
    assert.equal(await answer(node), "InvalidProgramForExecution");
    assert.equal(await answer(), 7);
    chain.slots(33);
    await deployed(chain, payer, program, 8);
    assert.equal(await answer(), 8);
    assert.equal(rollback(), 2);
    assert.equal(await answer(), 7);
    chain.open();
    assert.equal(await answer(), 7);
    await deployed(chain, payer, program, 8);
    assert.equal(await answer(), 8);
  });

/** What a reader can know of a chain. */
function picture({ ledger }, addresses) {
  const slots = [0, 1, 2, 3, 5, 8, 20, 32].map((back) => ledger.slot - back);
  return {
    slot: ledger.slot,
    levels: ["confirmed", "finalized"].map((level) => ledger.slotAt(level)),
    heights: slots.map((slot) => ledger.fork.heightOf(slot)),
    times: slots.map((slot) => ledger.unixTime(slot)),
    valid: slots.map((slot) =>
      ledger.hashes.isValid(ledger.hashes.latest(slot).blockhash, ledger.slot)),
    lamports: addresses.map((address) =>
      slots.map((slot) => ledger.account(address, slot)?.lamports ?? 0n)),
    history: addresses.map((address) => ledger.history
      .forAddress(address, { slot: ledger.slot, limit: 50 }).map(({ signature }) => signature)),
  };
}

test("rollbacks, expiry and clock steps outlive a restart, with a compacted journal too",
  async (t) => {
    const { chain, payer } = await worldOf(t);
    const to = await newAddress();
    const both = [to, payer.address];
    const send = async (lamports) => chain.ledger.apply(
      await transfer(chain.latest(), payer, to, lamports));
    const checked = () => {
      const before = picture(chain, both);
      chain.open();
      assert.deepEqual(picture(chain, both), before);
      chain.ledger.compact();
      assert.deepEqual(picture(chain, both), before);
      chain.open();
      assert.deepEqual(picture(chain, both), before);
    };
    const random = generator(9, "restarts");
    for (let round = 0; round < 12; round += 1) {
      for (let count = 0; count < 4; count += 1) {
        await send(1_000_000n + BigInt(round * 10 + count));
        chain.slots(1 + Math.floor(random() * 3));
      }
      chain.ledger.rollback(1 + Math.floor(random() * 9));
      if (random() < 0.3) chain.ledger.expire();
      if (random() < 0.5) chain.ledger.step(Math.floor(random() * 40) - 20);
      await send(500_000n + BigInt(round));
      if (round % 3 === 0) checked();
    }
    checked();
  });

test("after an expiry no blockhash of before is good, and the chain's time stands", async (t) => {
  const { chain, payer, faults } = await worldOf(t);
  const { ledger } = chain;
  const lifetime = chain.latest();
  const late = await transfer(lifetime, payer, await newAddress(), kSol);
  const [slot, time] = [ledger.slot, ledger.unixTime(ledger.slot)];
  const done = faults.set({ kind: "expire" });
  assert.deepEqual([done.slots_passed, done.slot, ledger.slot], [151, slot + 151, slot + 151]);
  assert.equal(ledger.unixTime(ledger.slot), time);
  assert.ok(ledger.fork.heightOf(ledger.slot) > lifetime.lastValidBlockHeight);
  assert.equal(ledger.apply(late).err, "BlockhashNotFound");
  assert.equal(ledger.apply(await transfer(chain.latest(), payer, await newAddress(), kSol)).err,
    null);
  chain.slots(10);
  assert.equal(ledger.slot, slot + 161);
  assert.equal(ledger.unixTime(ledger.slot), time + 2);
});

test("a clock that steps on jumps; one that steps back stands still until it is caught up", () => {
  let nowMs = kGenesisMs;
  const clock = new SlotClock({ genesisMs: kGenesisMs, slotMs: kSlotMs, nowMs: () => nowMs });
  const at = (slots) => {
    nowMs = kGenesisMs + slots * kSlotMs;
    return clock.unixTime(clock.slot()) - kGenesisMs / 1000;
  };
  assert.equal(at(50), 10);
  clock.step(7);
  assert.equal(at(50), 17);
  clock.step(-5);
  assert.deepEqual([50, 55, 70, 75, 80].map(at), [17, 17, 17, 17, 18]);
  clock.jump(151);
  assert.deepEqual([80, 84, 85, 100].map(at), [18, 18, 19, 22]);
  clock.step(-100);
  assert.deepEqual([100, 599, 605].map(at), [22, 22, 23]);
  assert.equal(clock.slot(), kFirstSlot + 605 + 151);
  let last = 0;
  for (let slot = kFirstSlot; slot <= clock.slot(); slot += 1) {
    assert.ok(clock.unixTime(slot) >= last, `slot ${slot - kFirstSlot}`);
    last = clock.unixTime(slot);
  }
  assert.throws(() => clock.step(0.5), RangeError);
  assert.throws(() => clock.step(-101 * 365 * 86_400), RangeError);
});

test("faults of the chain strike as slots begin, by their rate and their seed", async (t) => {
  const struck = async (seed) => {
    const { chain, faults } = await worldOf(t);
    const start = chain.ledger.slot;
    const row = [];
    chain.ledger.on("undone", ({ from }) => row.push(from - start));
    faults.set({ kind: "rollback", slots: 2, rate: 0.3, count: 6, seed });
    for (let count = 0; count < 60; count += 1) chain.slots(1);
    assert.equal(faults.report().struck.rollback, 6);
    assert.deepEqual(faults.report().active, []);
    return row.join(" ");
  };
  const row = await struck(1);
  assert.equal(await struck(1), row);
  assert.notEqual(await struck(2), row);
});

test("a transaction is lost, late, twice or in another order, and never lands twice",
  async (t) => {
    const { chain, payer, faults, delivery } = await worldOf(t);
    const { ledger } = chain;
    const to = await newAddress();
    const make = (lamports) => transfer(chain.latest(), payer, to, lamports);
    const slotOf = ({ signature }) => ledger.history.get(signature)?.slot;

    faults.set({ kind: "drop", count: 1 });
    const [lost, found] = [await make(1_000_000n), await make(1_000_001n)];
    for (const one of [lost, found]) delivery.send(one, 0);
    assert.deepEqual([slotOf(lost), slotOf(found)], [undefined, ledger.slot]);

    faults.set({ kind: "delay", slots: 3, count: 1 });
    const late = await make(1_000_002n);
    const due = ledger.slot + 3;
    delivery.send(late, 0);
    chain.slots(2);
    assert.deepEqual([slotOf(late), delivery.report().waiting], [undefined, 1]);
    chain.slots(1);
    assert.equal(slotOf(late), due);

    faults.set({ kind: "duplicate", slots: 2, count: 2 });
    const twice = await make(1_000_003n);
    delivery.send(twice, 0);
    const held = lamportsOf(chain, to);
    const { landed } = delivery.report();
    chain.slots(2);
    assert.equal(lamportsOf(chain, to), held);
    assert.deepEqual([delivery.report().landed, delivery.report().refused],
      [landed, { AlreadyProcessed: 1 }]);
    // Twice, and the first time was rolled back: the second one lands.
    const saved = await make(1_000_004n);
    chain.slots(1);
    delivery.send(saved, 0);
    faults.set({ kind: "rollback", slots: 1 });
    assert.equal(slotOf(saved), undefined);
    chain.slots(3);
    assert.notEqual(slotOf(saved), undefined);

    faults.set({ kind: "delay", slots: 151, count: 1 });
    const expired = await make(1_000_005n);
    delivery.send(expired, 0);
    chain.slots(151);
    assert.equal(slotOf(expired), undefined);
    assert.equal(delivery.report().refused.BlockhashNotFound, 1);
    const { struck } = faults.report();
    assert.deepEqual(struck, { drop: 1, delay: 2, duplicate: 2, rollback: 1 });
  });

test("a slot's transactions come in another order, the same one for one seed", async (t) => {
  const orderOf = async (seed) => {
    const { chain, payer, faults, delivery } = await worldOf(t);
    const to = await newAddress();
    const sent = [];
    faults.set({ kind: "reorder", seed });
    for (let count = 0; count < 8; count += 1) {
      sent.push(await transfer(chain.latest(), payer, to, 1_000_000n + BigInt(count)));
      delivery.send(sent[count], 0);
    }
    assert.equal(lamportsOf(chain, to), 0n);
    chain.slots(1);
    const records = sent.map(({ signature }) => chain.ledger.history.get(signature));
    assert.ok(records.every(({ slot, err }) => slot === chain.ledger.slot && err === null));
    return records.map(({ index }) => index).join(" ");
  };
  const order = await orderOf(4);
  assert.notEqual(order, "0 1 2 3 4 5 6 7");
  assert.equal(await orderOf(4), order);
  assert.notEqual(await orderOf(5), order);
});

test("a node that lags stands still, follows behind, and never sees what came after", async (t) => {
  const { chain, payer, faults } = await worldOf(t);
  const { ledger } = chain;
  const node = new Node(ledger, 1);
  const slots = [];
  const landed = [];
  node.on("slot", (slot) => slots.push(slot));
  node.on("landed", ({ signature }) => landed.push(signature));
  const to = await newAddress();
  const start = ledger.slot;
  node.lagBy(10);
  const transaction = await transfer(chain.latest(), payer, to, kSol);
  chain.slots(4);
  ledger.apply(transaction);
  const at = ledger.slot;
  chain.slots(6);
  assert.deepEqual([node.slot, slots], [start, []]);
  chain.slots(3);
  assert.equal(node.slot, start + 3);
  assert.deepEqual([node.account(to, node.slot), node.history.get(transaction.signature)],
    [null, undefined]);
  assert.equal(node.hashes.isValid(ledger.hashes.latest(at).blockhash, node.slot), false);
  // A simulation there does not know of it either; the machine is as it was afterwards.
  const poor = await transfer(chain.latest(), { ...payer }, to, 9n * kSol);
  const here = ledger.simulate(poor, { verifySignatures: false });
  assert.notEqual(here.err, null);
  assert.equal(node.simulate(poor, { verifySignatures: false }).err, null);
  assert.deepEqual(ledger.simulate(poor, { verifySignatures: false }).err, here.err);
  assert.equal(lamportsOf(chain, to), kSol);
  chain.slots(1);
  assert.deepEqual([node.slot, landed], [at, [transaction.signature]]);
  assert.equal(node.account(to, node.slot).lamports, kSol);
  // Blocks that it has not seen yet are lost without its knowing; those it has seen are not kept.
  const undone = [];
  node.on("undone", ({ from }) => undone.push(from));
  faults.set({ kind: "rollback", slots: 5 });
  assert.deepEqual([node.slot, undone], [at + 1, []]);
  faults.set({ kind: "rollback", slots: 32 });
  chain.slots(1);
  assert.ok(node.slot < at);
  assert.equal(undone.length, 1);
  node.lagBy(0);
  assert.equal(node.slot, ledger.slot);
  assert.deepEqual(slots, [...new Set(slots)]);
});

test("a node that lags for long keeps its view, and then catches up slot by slot", async (t) => {
  const { chain, payer } = await worldOf(t);
  const node = new Node(chain.ledger, 1);
  const to = await newAddress();
  node.lagBy(200);
  const views = [];
  for (let count = 0; count < 40; count += 1) {
    chain.ledger.apply(await transfer(chain.latest(), payer, to, 1_000_000n + BigInt(count)));
    views.push([chain.ledger.slot, lamportsOf(chain, to)]);
    chain.slots(5);
  }
  assert.equal(node.unhealthyBy() > 128, true);
  for (const [slot, lamports] of views) {
    while (node.slot < slot) chain.slots(1);
    assert.equal(node.account(to, node.slot).lamports, lamports);
  }
  assert.equal(node.unhealthyBy(), 200);
});

test("under everything at once no lamport appears or is lost, and history explains each balance",
  async (t) => {
    const { chain, payer, faults, delivery } = await worldOf(t);
    const random = generator(21, "everything");
    const wallets = await Promise.all(Array.from({ length: 4 }, newAddress));
    const start = lamportsOf(chain, payer.address);
    for (const wish of [
      { kind: "drop", rate: 0.1 }, { kind: "delay", rate: 0.3, slots: 4 },
      { kind: "duplicate", rate: 0.3, slots: 6 }, { kind: "reorder", rate: 0.3 },
      { kind: "rollback", rate: 0.15, slots: 7, again: "some" }, { kind: "clock", seconds: 3,
        rate: 0.1 },
    ]) faults.set({ seed: 77, ...wish });
    const explained = () => {
      const { ledger } = chain;
      const paid = new Map(wallets.map((wallet) => [wallet, 0n]));
      const spent = { lamports: 0n };
      for (const record of ledger.history.all()) {
        if (record.keys[0] !== payer.address) continue;
        spent.lamports += record.pre[0] - record.post[0];
        const to = record.keys.findIndex((key) => paid.has(key));
        paid.set(record.keys[to], paid.get(record.keys[to]) + record.post[to] - record.pre[to]);
        assert.equal(ledger.fork.isDead(record.slot), false);
      }
      for (const wallet of wallets) assert.equal(lamportsOf(chain, wallet), paid.get(wallet));
      assert.equal(lamportsOf(chain, payer.address), start - spent.lamports);
    };
    for (let step = 0; step < 150; step += 1) {
      const to = wallets[Math.floor(random() * wallets.length)];
      const sent = await transfer(chain.latest(), payer, to, 2_000_000n + BigInt(step));
      for (let times = random() < 0.3 ? 2 : 1; times > 0; times -= 1) delivery.send(sent, 0);
      chain.slots(Math.floor(random() * 3));
      if (step % 10 === 0) explained();
      if (step === 70) chain.ledger.compact();
    }
    faults.set({ kind: "none" });
    chain.slots(10);
    explained();
    const told = delivery.report();
    assert.equal(told.waiting, 0);
    assert.ok(told.undone > 10 && told.landed_again > 5 && told.refused.AlreadyProcessed > 10);
    const before = picture(chain, [...wallets, payer.address]);
    chain.open();
    assert.deepEqual(picture(chain, [...wallets, payer.address]), before);
    explained();
  });
