// Writes what both sides of ./dev bench chain read, from a seed:
//
//   node chain_input.mjs SEED TRANSACTIONS MESSAGES-FILE RECORDS-FILE
//
// Messages are any transactions that @solana/kit can make: legacy, v0, v0 with lookup tables, v1.
// Records are our program's own: rentals in the Solana VM, with the logs that it gave, each again
// in later slots until there are enough. Numbers are little-endian, texts and bytes have a u32 of
// their length before them.
import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { once } from "node:events";

import { kit } from "../../program/client/deps.mjs";
import { HOW } from "../../program/client/obelisk.mjs";
import { changeKeys, wallets, World } from "../../program/test/harness.mjs";
import { transactionOf } from "../conformance/messages.mjs";

const [seed, wanted, messagesFile, recordsFile] = process.argv.slice(2);
const count = Number(wanted);
const FEE = 5_000n;
const UNIT_PROGRAM = "ComputeBudget111111111111111111111111111111";
const FIRST_SLOT = 400_000_000n;

const u32 = (value) => {
  const out = Buffer.alloc(4);
  out.writeUInt32LE(value);
  return out;
};
const u64 = (value) => {
  const out = Buffer.alloc(8);
  out.writeBigInt64LE(BigInt.asIntN(64, value));
  return out;
};
const sized = (bytes) => Buffer.concat([u32(bytes.length), bytes]);
const text = (value) => sized(Buffer.from(value));

async function written(file, parts) {
  const out = createWriteStream(file);
  for await (const part of parts) if (!out.write(part)) await once(out, "drain");
  out.end();
  await once(out, "finish");
}

/** What a wallet sets before its own instructions: the limit and the price of compute units. */
const limits = [Uint8Array.of(2, 0x40, 0x0d, 3, 0), Uint8Array.of(3, 0x10, 0x27, 0, 0, 0, 0, 0, 0)]
  .map((data) => ({ programAddress: UNIT_PROGRAM, accounts: [], data }));

/** A world whose transactions are kept as a node would tell them. */
async function recorded(records) {
  const world = await World.make("mainnet");
  const send = world.svm.sendTransaction.bind(world.svm);
  world.svm.sendTransaction = (transaction) => {
    const result = send(transaction);
    const failed = typeof result.meta === "function";
    const meta = failed ? result.meta() : result;
    const code = /Custom\((\d+)\)/.exec(result.toString())?.[1];
    records.push({
      wire: kit.getTransactionEncoder().encode(transaction), logs: meta.logs(),
      error: failed ? `{"InstructionError":[2,{"Custom":${code}}]}` : "",
      units: meta.computeUnitsConsumed(), time: world.now,
    });
    return result;
  };
  return world;
}

/** Every way through a lease, each ending another way. */
async function rentals(world) {
  const run = (...calls) => world.good(...limits, ...calls);
  const call = (name, lease, changes) => world.call(name, lease, changes);
  const given = await world.lease({}, { ready: false });
  await run(call("cancel", given, { renterSigns: true }));
  const late = await world.lease({}, { ready: false });
  world.pass(61);
  await run(call("cancel", late, { renterSigns: false }));
  const served = await world.lease();
  world.pass(600);
  await run(call("extend", served, { totalSeconds: 5400 }));
  await run(...world.claim(served, world.now));
  world.pass(60);
  await run(call("stop", served, { how: HOW.served }));
  const waived = await world.lease();
  world.pass(200);
  await run(call("stop", waived, { how: HOW.waive }));
  for (const how of [HOW.dispute, HOW.dark]) {
    const contested = await world.lease();
    world.pass(900);
    await run(call("stop", contested, { how }));
    await run(...world.claim(contested, world.now - 300n));
    await world.bad("TOO_EARLY", call("finish", contested));
    world.pass(21_601);
    await run(call("finish", contested));
  }
  const proven = await world.lease();
  world.pass(600);
  await run(...world.claim(proven, world.now), call("stop", proven, { how: HOW.dispute }));
}

async function recordsOfRentals() {
  const records = [];
  for (let i = 0; i < Math.min(4, Math.ceil(count / 30)); ++i) {
    // One program, and other parties each time.
    await changeKeys((name) => createHash("sha256").update(
      `${seed} ${name === "program" ? 0 : i} ${name}`).digest());
    await rentals(await recorded(records));
  }
  return records;
}

function* recordParts(records) {
  yield Buffer.from(kit.getAddressEncoder().encode(wallets.program.address));
  yield u32(count);
  for (let i = 0; i < count; ++i) {
    const { wire, logs, error, units, time } = records[i % records.length];
    const slot = FIRST_SLOT + BigInt(3 * i);
    yield Buffer.concat([u64(slot), u32(i % 1500), u64(time), u64(FEE), u64(units), text(error),
      sized(wire), u32(logs.length), ...logs.map(text)]);
  }
}

async function* messageParts() {
  yield u32(count);
  // Seeds that follow each other take turns with the kinds.
  const first = createHash("sha256").update(seed).digest().readUInt32LE() % 2 ** 30 * 64;
  for (let i = 0; i < count; ++i) yield sized((await transactionOf(first + i)).wire);
}

const records = await recordsOfRentals();
await written(recordsFile, recordParts(records));
await written(messagesFile, messageParts());
console.log(JSON.stringify({ distinct_records: records.length }));
