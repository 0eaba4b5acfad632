// Every state of a lease x every instruction x everyone who may sign: the right one alone gets
// through, and of the others none, neither beside the right account nor in its place. Who may say
// what is section 1 of docs/escrow.md, what the states allow its section 5.
import assert from "node:assert/strict";
import { test } from "node:test";

import * as obelisk from "../client/obelisk.mjs";
import { FEATURES, ROLE, wallets } from "./harness.mjs";
import { differences } from "./hostile/play.mjs";
import { Stage, TIME } from "./hostile/stage.mjs";

const { ERROR, HOW } = obelisk;
const { WRONG_STATE, TOO_EARLY, TOO_LATE } = ERROR;
const OK = 0;
const ANYONE = null;
const SIGNERS = ["renter", "host", "treasury", "attestor", "operator", "stranger"];

const IN_TIME = TIME.opened + 60n;
// Per state: the moments that matter to it. The lease in CLOSING has a gap of 400 s.
const MOMENTS = {
  funded: { "in time": IN_TIME, late: TIME.late },
  active: { running: TIME.running, over: TIME.over },
  closing: { "in the window": TIME.running, after: TIME.windowOver },
};
const NEVER = { "in time": WRONG_STATE, late: WRONG_STATE, running: WRONG_STATE, over: WRONG_STATE,
  "in the window": WRONG_STATE, after: WRONG_STATE };
const RUNNING = { ...NEVER, running: OK, over: OK, "in the window": OK, after: OK };
const stop = (how) => (world, lease) => world.call("stop", lease, { how });

// Who must sign, where that account stands, and what each moment allows the right signer.
const TABLE = {
  ready: { who: "attestor", at: 0, make: (world, lease) => world.call("ready", lease),
    cells: { ...NEVER, "in time": OK, late: TOO_LATE } },
  extend: { who: "renter", at: 0,
    make: (world, lease) => world.call("extend", lease, { totalSeconds: 7200 }),
    cells: { ...NEVER, running: OK, over: TOO_LATE } },
  "stop, served": { who: "renter", at: 1, make: stop(HOW.served), cells: RUNNING },
  "stop, disputed": { who: "renter", at: 1, make: stop(HOW.dispute),
    cells: { ...NEVER, running: OK, over: OK } },
  "stop, waived": { who: "host", at: 2, make: stop(HOW.waive), cells: RUNNING },
  "stop, dark": { who: "attestor", at: 4, make: stop(HOW.dark),
    cells: { ...RUNNING, "in the window": TOO_EARLY, after: TOO_EARLY } },
  // The renter's signature is worth something here, anybody else's is not.
  cancel: { who: ANYONE, make: (world, lease) => world.call("cancel", lease, {}),
    cells: { ...NEVER, "in time": TOO_EARLY, late: OK },
    byRenter: { ...NEVER, "in time": OK, late: OK } },
  claim: { who: ANYONE, make: (world, lease) => world.claim(lease, world.now), cells: RUNNING },
  finish: { who: ANYONE, make: (world, lease) => world.call("finish", lease),
    cells: { ...NEVER, running: TOO_EARLY, over: OK, "in the window": TOO_EARLY, after: OK } },
};

const signing = (account) => ({ ...account,
  role: account.role % 2 === 1 ? ROLE.WRITABLE_SIGNER : ROLE.READONLY_SIGNER });
const silent = (account) => ({ ...account,
  role: account.role % 2 === 1 ? ROLE.WRITABLE : ROLE.READONLY });

// The same instruction with `who` as its only signer, where that one stands in it at all.
const signedBy = (instruction, who) => ({ ...instruction,
  accounts: instruction.accounts.map((account) =>
    (account.address === wallets[who].address ? signing(account) : silent(account))) });
const inPlace = (instruction, at, who) => ({ ...instruction,
  accounts: instruction.accounts.map((account, i) => (i === at
    ? signing({ ...account, address: wallets[who].address }) : silent(account))) });

async function expect(stage, what, instructions, code) {
  const { world } = stage;
  const before = world.snapshot([...Object.values(stage.leases),
    ...SIGNERS.map((name) => wallets[name].address)]);
  const result = await world.send(instructions);
  assert.equal(result.code, code, `${what}: ${result.text}`);
  const changed = differences(before, world.snapshot(before.keys()));
  if (code === OK) world.restore(before);
  else assert.deepEqual(changed, [], `${what}: nothing may change`);
}

async function playState(stage, name, { who, at, make, cells, byRenter }, state) {
  for (const [moment, time] of Object.entries(MOMENTS[state])) {
    stage.world.setTime(time);
    const all = [make(stage.world, stage.leases[state])].flat();
    const [before, instruction] = [all.slice(0, -1), all.at(-1)];
    for (const signer of SIGNERS) {
      const what = `${name}, ${state}, ${moment}, signed by ${signer}`;
      const allowed = signer === "renter" && byRenter ? byRenter : cells;
      const code = who === ANYONE || who === signer ? allowed[moment] : ERROR.NOT_SIGNER;
      await expect(stage, what, [...before, signedBy(instruction, signer)], code);
      if (who === ANYONE || who === signer) continue;
      const twice = instruction.accounts.some(({ address }, i) =>
        i !== at && address === wallets[signer].address);
      await expect(stage, `${what} in its place`, [...before, inPlace(instruction, at, signer)],
        twice ? ERROR.DUPLICATE_ACCOUNT : ERROR.WRONG_KEY);
    }
  }
}

for (const features of FEATURES) {
  const stage = await Stage.make(features);
  for (const [name, row] of Object.entries(TABLE)) {
    test(`${name}: every state, every signer (${features} features)`, async () => {
      for (const state of Object.keys(MOMENTS)) await playState(stage, name, row, state);
    });
  }
}
