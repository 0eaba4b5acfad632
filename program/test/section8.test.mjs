// Who is safe from whom: docs/escrow.md, section 9, row by row. Each test reads every party's
// balance before the lease is opened and after it is over, and says to the lamport who has what.
// The transactions' fees are paid by somebody else, so that nothing blurs the sums.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { kit } from "../client/deps.mjs";
import * as obelisk from "../client/obelisk.mjs";
import { everywhere, moreWallets, RATE, ROLE, SOL, wallets } from "./harness.mjs";

const { BOND_LAMPORTS, earned, fee, HOW, price, SMALLEST_FIRST_PAYMENT, STATE } = obelisk;
const GAP_LIMIT = 180;
const WINDOW = 21_600;
await moreWallets("attestor2", "treasury2");

const PARTIES = ["renter", "host", "treasury", "attestor", "operator", "stranger"];
const stop = (world, lease, how, changes = {}) => world.call("stop", lease, { how, ...changes });

// What everyone has now, against what they had when the book was opened.
class Book {
  constructor(world, more = []) {
    this.world = world;
    this.who = [...PARTIES, ...more];
    this.before = this.balances();
  }
  balances() { return Object.fromEntries(this.who.map((who) => [who, this.world.balance(who)])); }
  expect(what, expected, lease) {
    const now = this.balances();
    const moved = Object.fromEntries(this.who.map((who) => [who, now[who] - this.before[who]]));
    const wanted = { ...Object.fromEntries(this.who.map((who) => [who, 0n])), ...expected };
    assert.deepEqual(moved, wanted, what);
    const held = lease === undefined ? 0n : this.world.balance(lease);
    const sum = Object.values(moved).reduce((total, it) => total + it, 0n);
    assert.equal(sum + held, 0n, `${what}: no lamport is lost or made`);
  }
}

// The final balances after `seconds` of service were paid: bond and the rest are back.
const served = (seconds, bps = 250) => {
  const total = earned(RATE, seconds);
  return { renter: -total, host: total - fee(total, bps), treasury: fee(total, bps) };
};
const PAID = RATE + BOND_LAMPORTS;

everywhere("row 1, the host never gets ready: anyone sends all of it back", async (world) => {
  const book = new Book(world);
  const lease = await world.lease({}, { ready: false });
  book.expect("opened", { renter: -PAID }, lease);
  const cancel = world.call("cancel", lease, { renterSigns: false });
  world.pass(60);
  await world.bad("TOO_EARLY", cancel);
  world.pass(1);
  await world.bad("TOO_LATE", world.call("ready", lease));
  await world.good(cancel);
  book.expect("after 61 s", {});
  assert.equal(world.exists(lease), false);
});

everywhere("row 2, the host dies: the rest is back in the watch's transaction", async (world) => {
  const book = new Book(world);
  const lease = await world.lease();
  const start = world.now;
  world.pass(700); // the last login worked at 600 s
  await world.good(world.claim(lease, start + 600n), stop(world, lease, HOW.dark));
  book.expect("at once", served(600));
  assert.equal(world.exists(lease), false);
});

everywhere("row 2, seen late: the future is back at once, the gap in time", async (world) => {
  const book = new Book(world);
  const lease = await world.lease();
  const start = world.now;
  world.pass(600 + GAP_LIMIT + 1);
  await world.good(world.claim(lease, start + 600n), stop(world, lease, HOW.dark));
  const { host, treasury } = served(600);
  const gap = earned(RATE, 600 + GAP_LIMIT + 1);
  book.expect("at once", { host, treasury, renter: -gap - BOND_LAMPORTS }, lease);
  world.pass(WINDOW + 1);
  await world.good(world.call("finish", lease));
  book.expect("after the window", served(600));
});

everywhere("row 3, the host serves badly: the renter stops, in any second", async (world) => {
  for (const second of [0, 1, 59, 60, 1799, 3599, 3600, 3601, 100_000]) {
    const book = new Book(world);
    const lease = await world.lease();
    world.pass(second);
    await world.good(stop(world, lease, HOW.served));
    book.expect(`second ${second}`, served(Math.min(second, 3600)));
  }
});

everywhere("row 4, the watch was down: it catches up with one statement", async (world) => {
  const book = new Book(world);
  const lease = await world.lease();
  const start = world.now;
  world.pass(3000);
  await world.good(world.claim(lease, start + 3000n));
  const { host, treasury } = served(3000);
  book.expect("caught up", { renter: -PAID, host, treasury }, lease);
  await world.good(stop(world, lease, HOW.dispute));
  book.expect("stopped", served(3000));
});

everywhere("row 4, the watch is down: the renter attests in its place", async (world) => {
  const book = new Book(world);
  const lease = await world.lease();
  world.pass(3600);
  await world.good(world.claim(lease, world.now, { by: "renter" }));
  await world.good(world.call("finish", lease));
  book.expect("finished", served(3600));
});

everywhere("row 4, the watch is down: the renter stops with how = 0", async (world) => {
  const book = new Book(world);
  const lease = await world.lease();
  world.pass(3000);
  await world.good(stop(world, lease, HOW.served));
  book.expect("stopped", served(3000));
});

everywhere("row 5, no attestor and a dark host: the renter has it all back", async (world) => {
  const book = new Book(world);
  const lease = await world.lease();
  world.pass(1000);
  await world.good(stop(world, lease, HOW.dispute));
  book.expect("the future, at once", { renter: -earned(RATE, 1000) - BOND_LAMPORTS }, lease);
  world.pass(WINDOW);
  await world.bad("TOO_EARLY", world.call("finish", lease));
  world.pass(1);
  await world.good(world.call("finish", lease)); // nobody signs but who pays the fee
  book.expect("the gap, after the window", {});
});

everywhere("row 6, the renter disappears: the host claims, anyone finishes", async (world) => {
  const book = new Book(world);
  const lease = await world.lease();
  const start = world.now;
  for (let at = 600n; at <= 3600n; at += 600n) {
    world.pass(600);
    await world.good(world.claim(lease, start + at));
  }
  const { host, treasury } = served(3600);
  book.expect("claimed", { renter: -PAID, host, treasury }, lease);
  await world.good(world.call("finish", lease));
  book.expect("finished", served(3600));
});

everywhere("row 6, before it was ready: anyone sends the renter's money back", async (world) => {
  const book = new Book(world);
  const lease = await world.lease({}, { ready: false });
  world.pass(86_400);
  await world.good(world.call("cancel", lease, { renterSigns: false }));
  book.expect("a day later", {});
});

everywhere("row 7, the operator disappears: both settle without a key of its", async (world) => {
  const sides = {
    renter: (lease) => [stop(world, lease, HOW.dispute)],
    host: (lease) => [stop(world, lease, HOW.waive)],
  };
  for (const [who, instructions] of Object.entries(sides)) {
    const book = new Book(world);
    const lease = await world.lease();
    world.pass(500);
    const saved = world.claim(lease, world.now); // the newest attestation, in a file
    world.pass(100);
    const last = [...saved, ...instructions(lease)];
    const signers = last.flatMap(({ accounts }) => accounts).filter(({ role }) => role >= 2);
    assert.deepEqual(signers.map(({ address }) => address), [world.address(who)]);
    await world.good(last);
    if (who === "renter") {
      world.pass(WINDOW + 1);
      await world.good(world.call("finish", lease));
    }
    book.expect(`by the ${who}`, served(500));
  }
});

everywhere("row 8, the operator turns bad: open leases keep their terms", async (world) => {
  world.fund("treasury2", SOL);
  const book = new Book(world);
  const funded = await world.lease({}, { ready: false });
  const lease = await world.lease();
  const start = world.now;
  await world.good(world.updateMarket({ paused: 1, feeBps: 1000, readyDeadlineS: 600,
    gapLimitS: 600, claimWindowS: 86_400, attestor: wallets.attestor2.address },
  { treasury: wallets.treasury2.address }));
  const refused = obelisk.open(await world.purchase({ marketRev: 2n }));
  await world.bad("PAUSED", refused);
  world.pass(61);
  await world.good(world.call("cancel", funded, { renterSigns: false }));
  world.pass(900 - 61);
  await world.good(world.claim(lease, start + 900n), stop(world, lease, HOW.dispute));
  book.expect("settled", served(900));
  assert.equal(world.balance("treasury2"), SOL, "a treasury named later is paid nothing");
});

everywhere("row 9, the attestor is stolen: hosts collect what they can prove", async (world) => {
  const book = new Book(world);
  const lease = await world.lease();
  world.pass(600);
  const held = world.claim(lease, world.now - 10n); // the host's newest attestation
  world.pass(30);
  await world.good(stop(world, lease, HOW.dark)); // the thief's
  await world.bad("TOO_EARLY", stop(world, lease, HOW.dark));
  await world.good(held);
  world.pass(WINDOW + 1);
  await world.good(world.call("finish", lease));
  book.expect("after the window", served(590));
});

everywhere("row 9, within gap_limit_s the thief costs the host that much", async (world) => {
  const book = new Book(world);
  const lease = await world.lease();
  const start = world.now;
  world.pass(600);
  await world.good(world.claim(lease, start + 600n));
  world.pass(GAP_LIMIT); // served, but no statement of it has reached the chain
  await world.good(stop(world, lease, HOW.dark));
  book.expect("no more than the limit", served(600));
});

everywhere("row 9, with a host the thief is paid until the renter stops", async (world) => {
  const book = new Book(world);
  const lease = await world.lease();
  world.pass(600);
  await world.good(world.claim(lease, world.now + 86_400n)); // nothing was served
  const { host, treasury } = served(600);
  book.expect("till now and no later", { renter: -PAID, host, treasury }, lease);
  await world.good(stop(world, lease, HOW.dispute));
  book.expect("the rest is back", served(600));
});

// A host that empties its wallet by a transfer once the lease is open.
async function emptyHostLease(world) {
  const refill = 1_000_000n;
  const pay = (from, to, lamports) => ({
    programAddress: obelisk.SYSTEM_PROGRAM,
    accounts: [{ address: wallets[from].address, role: ROLE.WRITABLE_SIGNER },
      { address: wallets[to].address, role: ROLE.WRITABLE }],
    data: Uint8Array.from([2, 0, 0, 0, ...kit.getU64Encoder().encode(lamports)]),
  });
  if (world.balance("other") === 0n) await world.good(pay("stranger", "other", refill));
  const lease = await world.lease({ host: wallets.other.address });
  await world.good(pay("other", "stranger", world.balance("other")));
  assert.equal(world.balance("other"), 0n);
  return lease;
}

everywhere("row 10, the host's wallet is empty: the refund lands", async (world) => {
  for (const seconds of [0, 1, 60, 357, 358, 3600]) {
    const book = new Book(world, ["other"]);
    const lease = await emptyHostLease(world);
    world.pass(seconds);
    await world.good(stop(world, lease, HOW.served));
    const { host, treasury, renter } = served(seconds);
    const lands = host >= SMALLEST_FIRST_PAYMENT;
    assert.equal(lands, seconds >= 358, "358 s are the first that are enough");
    book.expect(`${seconds} s`, lands ? { renter, treasury, other: host } : {});
    assert.equal(world.exists(lease), false);
    if (lands) world.svm.setAccount({ ...world.svm.getAccount(wallets.other.address),
      lamports: 0n });
  }
});

everywhere("row 10, what could not land is still owed while the lease is open", async (world) => {
  const book = new Book(world, ["other"]);
  const lease = await emptyHostLease(world);
  const start = world.now;
  world.pass(600);
  await world.good(world.claim(lease, start + 60n));
  book.expect("too little", { renter: -PAID }, lease);
  await world.good(world.claim(lease, start + 600n));
  const { host, treasury } = served(600);
  book.expect("enough", { renter: -PAID, other: host, treasury }, lease);
});

everywhere("row 11, SOL moves: either side stops, nobody extends past the most", async (world) => {
  for (const how of [HOW.served, HOW.waive]) {
    const book = new Book(world);
    const lease = await world.lease();
    const start = world.now;
    world.pass(120);
    await world.good(world.claim(lease, start + 120n), stop(world, lease, how));
    book.expect(`how = ${how}`, served(120));
  }
  const book = new Book(world);
  const lease = await world.lease();
  await world.good(world.call("extend", lease, { totalSeconds: 7200 }));
  book.expect("at the rate of the opening",
    { renter: -price(RATE, 7200) - BOND_LAMPORTS }, lease);
  await world.bad("OUT_OF_RANGE", world.call("extend", lease, { totalSeconds: 7201 }));
  world.pass(7200);
  await world.good(world.claim(lease, world.now));
  await world.good(world.call("finish", lease));
  book.expect("two hours", served(7200));
  assert.equal(world.exists(lease), false);
});

everywhere("section 1, renter and attestor together: at most the unclaimed", async (world) => {
  const book = new Book(world);
  const lease = await world.lease();
  const start = world.now;
  world.pass(600);
  const held = world.claim(lease, start + 550n); // what the host holds
  await world.good(stop(world, lease, HOW.dispute));
  assert.equal(world.read(lease).state, STATE.closing);
  await world.good(held);
  world.pass(WINDOW + 1);
  await world.good(world.call("finish", lease));
  book.expect("what was proven is paid", served(550));
});

test("every row of the page's table has a test here, and no test a row that is not there", () => {
  const page = readFileSync(new URL("../../docs/escrow.md", import.meta.url), "utf8");
  const table = page.slice(page.indexOf("| row | what happens"));
  const rows = [...table.slice(0, table.indexOf("\n\n")).matchAll(/^\| (\d+) \|/gm)];
  const source = readFileSync(new URL(import.meta.url), "utf8");
  const tested = new Set([...source.matchAll(/^everywhere\("row (\d+),/gm)].map((it) => it[1]));
  assert.deepEqual([...tested].map(Number), rows.map((it) => Number(it[1])));
  assert.ok(rows.length >= 11);
});
