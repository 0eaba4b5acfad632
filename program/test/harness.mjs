// A world for one test: the VM with mainnet's features or with all of them, the built program
// deployed to it by the upgradeable loader's own transactions, a market, and funded wallets.
import assert from "node:assert/strict";
import { createPrivateKey, sign } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";

import { kit, litesvm } from "../client/deps.mjs";
import * as obelisk from "../client/obelisk.mjs";
import { deploy } from "./deploy.mjs";

const { LiteSVM, FailedTransactionMetadata, FeatureSet } = await litesvm();

const root = new URL("../../", import.meta.url);
export const programPath = process.env.OBELISK_SO ?? new URL("build/program/obelisk.so", root);
if (!existsSync(programPath)) {
  throw new Error(`${programPath} is not there. Build it: ./dev program, or set OBELISK_SO`);
}
export const elf = new Uint8Array(readFileSync(programPath));

export const SOL = 1_000_000_000n;
export const START = 1_800_000_000n;
export const RATE = 9_200_000n; // lamports an hour

// Wallets are made once: a test's world is its own, its keys need not be.
const FUNDED = ["payer", "operator", "treasury", "attestor", "renter", "host", "stranger"];
const names = [...FUNDED, "program", "buffer", "other"];
const privateKeyOf = (seed) => createPrivateKey({
  key: Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), seed]),
  format: "der", type: "pkcs8",
});
export const wallets = {};
const byAddress = new Map();
const privateKeys = {};
async function setWallet(name, seed) {
  wallets[name] = await kit.createKeyPairSignerFromPrivateKeyBytes(seed);
  byAddress.set(wallets[name].address, wallets[name]);
  privateKeys[name] = privateKeyOf(seed);
}
for (const [i, name] of names.entries()) await setWallet(name, new Uint8Array(32).fill(i + 1));

// More of them, for tests that need whole other parties. Nobody funds these.
export async function moreWallets(...more) {
  for (const name of more) {
    if (wallets[name]) continue;
    names.push(name);
    await setWallet(name, new Uint8Array(32).fill(names.length));
  }
}
// Other keys behind the same names, for worlds made from now on: `seedOf(name)` gives 32 bytes.
export async function changeKeys(seedOf) {
  for (const name of names) await setWallet(name, seedOf(name));
}

export const FEATURES = ["mainnet", "all"];

function newVm(features) {
  if (features === "mainnet") return new LiteSVM();
  return LiteSVM.default().withFeatureSet(FeatureSet.allEnabled()).withBuiltins()
    .withLamports(1_000_000n * SOL).withSysvars().withDefaultPrograms().withPrecompiles()
    .withSigverify(true).withBlockhashCheck(true).withTransactionHistory(32n);
}

export const defaultTerms = {
  paused: 0, feeBps: 250, readyDeadlineS: 60, gapLimitS: 180, claimWindowS: 21_600,
};

// A role that signs carries its signer, if we hold the key.
const withSigners = (instruction) => ({
  ...instruction,
  accounts: instruction.accounts.map((account) =>
    kit.isSignerRole(account.role) && byAddress.has(account.address)
      ? { ...account, signer: byAddress.get(account.address) } : account),
});

export class World {
  static async make(features, { terms = {}, market = true } = {}) {
    const world = new World(newVm(features));
    for (const name of FUNDED) world.fund(name, 100n * SOL);
    await deploy(world, elf);
    world.setTime(START);
    [world.market, world.marketBump] =
      await obelisk.findMarket(world.program, wallets.operator.address);
    if (market) world.terms = { ...defaultTerms, attestor: wallets.attestor.address, ...terms };
    if (market) await world.good(world.createMarket());
    return world;
  }

  constructor(svm) {
    this.svm = svm;
    this.program = wallets.program.address;
    this.nonce = 0n;
  }

  address(name) { return wallets[name].address; }
  balance(where) { return this.svm.getBalance(wallets[where]?.address ?? where) ?? 0n; }
  fund(where, lamports) {
    const result = this.svm.airdrop(wallets[where]?.address ?? where, kit.lamports(lamports));
    assert.ok(!(result instanceof FailedTransactionMetadata), result.toString());
  }

  get now() { return this.svm.getClock().unixTimestamp; }
  setTime(time) {
    const clock = this.svm.getClock();
    clock.unixTimestamp = time;
    clock.slot += 1n;
    this.svm.setClock(clock);
    this.svm.expireBlockhash();
  }
  pass(seconds) { this.setTime(this.now + BigInt(seconds)); }

  async send(instructions, payer = "payer") {
    this.svm.expireBlockhash();
    const message = kit.pipe(
      kit.createTransactionMessage({ version: 0 }),
      (m) => kit.setTransactionMessageFeePayerSigner(wallets[payer], m),
      (m) => this.svm.setTransactionMessageLifetimeUsingLatestBlockhash(m),
      (m) => kit.appendTransactionMessageInstructions(instructions.flat().map(withSigners), m),
    );
    const result = this.svm.sendTransaction(await kit.signTransactionMessageWithSigners(message));
    const failed = result instanceof FailedTransactionMetadata;
    const meta = failed ? result.meta() : result;
    return {
      failed, text: result.toString(), logs: meta.logs(), units: meta.computeUnitsConsumed(),
      code: failed ? Number(/Custom\((\d+)\)/.exec(result.toString())?.[1] ?? NaN) : 0,
      events: failed ? [] : obelisk.eventsOf(meta.logs(), this.program),
    };
  }
  async good(...instructions) {
    const result = await this.send(instructions);
    assert.equal(result.failed, false, `${result.text}\n${result.logs.join("\n")}`);
    return result;
  }
  async bad(name, ...instructions) {
    const result = await this.send(instructions);
    assert.equal(result.code, obelisk.ERROR[name], `expected ${name}: ${result.text}`);
  }

  createMarket(changes = {}) {
    return obelisk.createMarket({
      program: this.program, operator: this.address("operator"), market: this.market,
      bump: this.marketBump, treasury: this.address("treasury"), terms: this.terms, ...changes,
    });
  }
  updateMarket(terms, changes = {}) {
    return obelisk.updateMarket({
      program: this.program, operator: this.address("operator"), market: this.market,
      treasury: this.address("treasury"), terms: { ...this.terms, ...terms }, ...changes,
    });
  }

  // A purchase at the next address: everything that `open` says.
  async purchase(changes = {}) {
    const nonce = changes.nonce ?? (this.nonce += 1n);
    const renter = changes.renter ?? this.address("renter");
    const [lease, bump] = await obelisk.findLease(this.program, renter, nonce);
    return {
      program: this.program, renter, lease, bump, nonce, host: this.address("host"),
      market: this.market, marketRev: 1n, expiresAt: this.now + 60n, rate: RATE, seconds: 3600,
      maxSeconds: 7200, termsHash: new Uint8Array(32).fill(9), ...changes,
    };
  }
  // A lease that is open; with {ready: true} also started.
  async lease(changes = {}, { ready = true } = {}) {
    const { prefund, ...what } = changes;
    const purchase = await this.purchase(what);
    if (prefund) this.fund(purchase.lease, prefund);
    await this.good(obelisk.open(purchase));
    if (ready) await this.good(this.call("ready", purchase.lease));
    return purchase.lease;
  }
  read(lease) {
    const account = this.svm.getAccount(lease);
    assert.ok(account.exists, "the lease is gone");
    return obelisk.decodeLease(account.data);
  }
  exists(lease) { return this.svm.getAccount(lease).exists; }

  // An instruction on a lease with the parties that stand in it.
  call(name, lease, changes = {}) {
    const it = this.read(lease);
    return obelisk[name]({
      program: this.program, lease, renter: it.renter, host: it.host, treasury: it.treasury,
      attestor: it.attestor, openedSlot: it.openedSlot, ...changes,
    });
  }
  // The pair of instructions that claims up to `aliveUntil`.
  claim(lease, aliveUntil, { by = "attestor", message = {}, forge = (bytes) => bytes } = {}) {
    const statement = obelisk.attestation({
      program: this.program, lease, openedSlot: this.read(lease).openedSlot, aliveUntil, ...message,
    });
    const signature = sign(null, statement, privateKeys[by]);
    const proof = obelisk.ed25519({ signer: this.address(by), signature, message: statement });
    return [forge(proof), this.call("claim", lease)];
  }

  // Everything the chain keeps of these addresses, and the way back to it.
  snapshot(addresses) {
    return new Map([...addresses].map((address) => {
      const it = this.svm.getAccount(address);
      return [address, it.exists ? it : { exists: false, address, lamports: 0n,
        data: new Uint8Array(), programAddress: obelisk.SYSTEM_PROGRAM, executable: false }];
    }));
  }
  restore(snapshot) {
    for (const account of snapshot.values()) this.svm.setAccount(account);
  }

  // Runs `work` and returns by how much each wallet changed.
  async changes(work) {
    const who = ["renter", "host", "treasury", "attestor", "operator", "stranger"];
    const before = who.map((name) => this.balance(name));
    await work();
    return Object.fromEntries(who.map((name, i) => [name, this.balance(name) - before[i]]));
  }
}

// Each test runs with the features mainnet has today, and with all that are known.
export function everywhere(name, body, options) {
  for (const features of FEATURES) {
    test(`${name} (${features} features)`, async () => body(await World.make(features, options)));
  }
}

export const swapAccount = (instruction, index, change) => ({
  ...instruction,
  accounts: instruction.accounts.map((account, i) =>
    (i === index ? { ...account, ...change } : account)),
});
export const withData = (instruction, data) => ({ ...instruction, data: Uint8Array.from(data) });
export const ROLE = kit.AccountRole;
