// What each instruction costs in compute units, on every path that it can take to an end: the one
// measure that the test of the ceilings and `./dev cu` share. Each round is a world of its own with
// random keys (the program's too), amounts and times, and the program deployed to it by the loader.
import { createHash } from "node:crypto";

import * as obelisk from "../../client/obelisk.mjs";
import { changeKeys, elf, World } from "../harness.mjs";

// The protocol's, by the name of the instruction; a path has that of its instruction, but for an
// open at an address that holds lamports already. A market's instructions have none.
export const CEILING = {
  open: 2300, open_prefunded: 4800, ready: 600, cancel: 600, extend: 1900, claim: 1200, stop: 800,
  finish: 800,
};
export const ceilingOf = (path) => CEILING[path] ?? CEILING[path.split("_")[0]];

// Paths by instruction. An instruction with several costs what its dearest does.
export const PATHS = {
  create_market: [], update_market: [], open: [], open_prefunded: [], ready: [], extend: [],
  cancel: ["cancel_renter", "cancel_anyone"],
  claim: ["claim_active", "claim_closing"],
  stop: ["stop_served", "stop_disputed", "stop_waived", "stop_dark"],
  finish: ["finish_end", "finish_window"],
};
export const NAMES = Object.entries(PATHS).flatMap(([name, paths]) => [name, ...paths]);

// Numbers that follow from a seed alone, so that a run can be repeated.
class Random {
  constructor(seed) { this.seed = seed; this.count = 0; }
  bytes(name) {
    return new Uint8Array(createHash("sha256").update(`${this.seed} ${name}`).digest());
  }
  // From `low` to `high`, both included.
  between(low, high) {
    const word = new DataView(this.bytes(this.count += 1).buffer).getBigUint64(0);
    return Number(BigInt(low) + word % (BigInt(high) - BigInt(low) + 1n));
  }
}

const RICH = 10n ** 17n; // some years at the highest rate
const MAX_RATE = 2 ** 38;

class Round {
  constructor(world, random) {
    this.world = world;
    this.random = random;
    this.samples = {};
  }

  async run(path, ...instructions) {
    const { units } = await this.world.good(...instructions);
    (this.samples[path] ??= []).push(Number(units));
  }

  purchase() {
    const { random } = this;
    const seconds = random.between(600, 1_000_000);
    return this.world.purchase({
      nonce: BigInt(random.between(0, Number.MAX_SAFE_INTEGER)), marketRev: 2n, seconds,
      maxSeconds: random.between(seconds + 1, 31_536_000),
      rate: BigInt(random.between(1, random.between(0, 1) ? MAX_RATE : 10_000_000)),
      termsHash: random.bytes("terms"),
    });
  }
  async lease() {
    const purchase = await this.purchase();
    await this.world.good(obelisk.open(purchase));
    await this.world.good(this.world.call("ready", purchase.lease));
    this.world.pass(this.random.between(200, 590)); // past every gap limit, before every end
    return purchase;
  }
  prove(lease, back) { return this.world.claim(lease, this.world.now - BigInt(back)); }
  stop(lease, how) { return this.world.call("stop", lease, { how: obelisk.HOW[how] }); }

  async markets() {
    await this.run("create_market", this.world.createMarket());
    const changes = { feeBps: this.random.between(0, 1000), gapLimitS: 180 };
    await this.run("update_market", this.world.updateMarket(changes));
  }

  async openings() {
    const { world } = this;
    const first = await this.purchase();
    await this.run("open", obelisk.open(first));
    await this.run("cancel_renter", world.call("cancel", first.lease, { renterSigns: true }));
    const second = await this.purchase();
    world.fund(second.lease, BigInt(this.random.between(890_880, 2_000_000_000)));
    await this.run("open_prefunded", obelisk.open(second));
    world.pass(61);
    await this.run("cancel_anyone", world.call("cancel", second.lease, { renterSigns: false }));
    const third = await this.purchase();
    await this.run("open", obelisk.open(third));
    await this.run("ready", world.call("ready", third.lease));
    const totalSeconds = this.random.between(third.seconds + 1, third.maxSeconds);
    await this.run("extend", world.call("extend", third.lease, { totalSeconds }));
  }

  async claims() {
    const { world } = this;
    const { lease } = await this.lease();
    await this.run("claim_active", this.prove(lease, 100));
    await this.run("claim_active", this.prove(lease, 100)); // nothing new
    await this.run("claim_active", world.claim(lease, world.now - 90n, { by: "renter" }));
    await this.run("stop_disputed", this.stop(lease, "dispute"));
    await this.run("claim_closing", this.prove(lease, 60)); // a part of the gap
    await this.run("claim_closing", world.claim(lease, world.now, { by: "renter" }));
    const other = (await this.lease()).lease;
    await world.good(this.stop(other, "dispute"));
    await this.run("claim_closing", this.prove(other, 0));
  }

  // Every way of stopping: with a gap and without, of an active lease and of a closing one.
  async stops() {
    for (const [path, how] of [["served", "served"], ["waived", "waive"], ["dark", "dark"]]) {
      const { lease } = await this.lease();
      await this.run(`stop_${path}`, this.stop(lease, how));
      if (how === "dark") await this.run("finish_window", ...this.afterWindow(lease));
      const contested = (await this.lease()).lease;
      await this.world.good(this.prove(contested, 100));
      await this.run("stop_disputed", this.stop(contested, "dispute"));
      await this.run(`stop_${path}`, this.stop(contested, how));
    }
    for (const [path, how] of [["disputed", "dispute"], ["dark", "dark"]]) {
      const { lease } = await this.lease();
      await this.world.good(this.prove(lease, 0));
      await this.run(`stop_${path}`, this.stop(lease, how)); // no gap: it closes
    }
  }
  afterWindow(lease) {
    this.world.pass(21_601);
    return [this.world.call("finish", lease)];
  }

  async ends() {
    for (const back of [0, 100]) {
      const { lease, seconds } = await this.lease();
      this.world.pass(seconds);
      const end = this.world.read(lease).startedAt + BigInt(seconds);
      await this.world.good(this.world.claim(lease, end - BigInt(back)));
      await this.run("finish_end", this.world.call("finish", lease));
      if (back) await this.run("finish_window", ...this.afterWindow(lease));
    }
  }
}

// {path: [units, ...]} of one world.
async function round(features, seed) {
  const random = new Random(seed);
  await changeKeys((name) => random.bytes(name));
  const world = await World.make(features, { market: false });
  const renter = world.svm.getAccount(world.address("renter"));
  world.svm.setAccount({ ...renter, lamports: RICH });
  world.terms = {
    paused: 0, feeBps: random.between(1, 1000), readyDeadlineS: 60, gapLimitS: 180,
    claimWindowS: 21_600, attestor: world.address("attestor"),
  };
  const it = new Round(world, random);
  for (const part of ["markets", "openings", "claims", "stops", "ends"]) await it[part]();
  return it.samples;
}

const median = (sorted) => sorted[Math.floor(sorted.length / 2)];

// {name: {worst, median, least}} of every instruction and path, and the size of the file.
export async function measure({ features = "mainnet", keys = 100, seed, progress = () => {} }) {
  const all = {};
  for (let i = 0; i < keys; i += 1) {
    for (const [path, units] of Object.entries(await round(features, `${seed} ${i}`))) {
      (all[path] ??= []).push(...units);
    }
    progress(i + 1);
  }
  const figures = {};
  for (const [name, paths] of Object.entries(PATHS)) {
    for (const one of [name, ...paths]) {
      const parts = one === name && paths.length ? paths : [one];
      const units = parts.flatMap((path) => all[path] ?? []).sort((a, b) => a - b);
      if (!units.length) throw new Error(`nothing was measured of ${one}`);
      figures[one] = { worst: units.at(-1), median: median(units), least: units[0] };
    }
  }
  return { figures, elfBytes: elf.length };
}
