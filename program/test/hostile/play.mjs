// Plays a bent instruction against the built program and holds the outcome to the table: the exact
// code from the program's own instruction, every account as it was, and no lamport moved but the
// fee of who pays for the transaction.
import assert from "node:assert/strict";

import { ED25519_PROGRAM, ERROR, INSTRUCTIONS_SYSVAR } from "../../client/protocol.mjs";
import { ROLE, wallets } from "../harness.mjs";
import { isLast, HARMLESS, RUNTIME } from "./bends.mjs";

const FEE_PER_SIGNATURE = 5000n;
const ROLES = { "false,false": ROLE.READONLY, "false,true": ROLE.WRITABLE,
  "true,false": ROLE.READONLY_SIGNER, "true,true": ROLE.WRITABLE_SIGNER };
const signs = (role) => role >= ROLE.READONLY_SIGNER;
const writes = (role) => role === ROLE.WRITABLE || role === ROLE.WRITABLE_SIGNER;

export async function prepare(stage, it) {
  const built = await it.build(stage);
  return { ...built, before: built.before ?? [], length: built.call.data.length };
}

function draftOf(built) {
  return {
    accounts: built.call.accounts.map(({ address, role }) =>
      ({ address, signer: signs(role), writable: writes(role) })),
    data: Uint8Array.from(built.call.data), before: built.before, proof: built.proof,
    time: built.time,
  };
}

// The lowest code of all that is wrong, as section 8 has it. Two bends together may also have made
// one account of two.
function expectedOf(bends, draft) {
  const codes = bends.map(({ code }) => code).filter((code) => typeof code === "number");
  const keys = draft.accounts.map(({ address }) => address);
  if (new Set(keys).size < keys.length) codes.push(ERROR.DUPLICATE_ACCOUNT);
  if (codes.length > 0) return Math.min(...codes);
  return bends.some(({ code }) => code === RUNTIME) ? RUNTIME : HARMLESS;
}

const feeOf = (draft) => {
  const signers = new Set(draft.accounts.filter(({ signer }) => signer)
    .map(({ address }) => address));
  const proofs = draft.before.filter(({ programAddress }) => programAddress === ED25519_PROGRAM);
  return FEE_PER_SIGNATURE * BigInt(1 + signers.size + proofs.length);
};

const watched = (stage, ...drafts) => new Set([
  ...Object.values(wallets).map(({ address }) => address)
    .filter((address) => address !== wallets.payer.address),
  ...Object.values(stage.leases), ...Object.values(stage.foreign), stage.closed, stage.market2,
  stage.world.market,
  ...drafts.flatMap(({ accounts }) => accounts.map(({ address }) => address)),
].filter((address) => address !== INSTRUCTIONS_SYSVAR && !address.startsWith("Sysvar")));

export function differences(before, after) {
  const changed = [];
  for (const [address, was] of before) {
    const is = after.get(address);
    if (is.lamports !== was.lamports || is.programAddress !== was.programAddress ||
        is.executable !== was.executable ||
        Buffer.compare(Buffer.from(is.data), Buffer.from(was.data)) !== 0) {
      changed.push(address);
    }
  }
  return changed;
}

async function sendDraft(stage, draft) {
  const { world } = stage;
  if (world.now !== draft.time) world.setTime(draft.time);
  const accounts = draft.accounts.map(({ address, signer, writable }) =>
    ({ address, role: ROLES[`${signer},${writable}`] }));
  const call = { programAddress: world.program, accounts, data: draft.data };
  return world.send([...draft.before, call]);
}

// Sends the instruction as it should be: what it leaves is what harmless bends must leave too.
export async function playUnbent(stage, it, built) {
  const draft = draftOf(built);
  const before = stage.world.snapshot(watched(stage, draft));
  const result = await sendDraft(stage, draft);
  assert.equal(result.failed, false, `${it.name}: unbent, it must succeed: ${result.text}`);
  const after = stage.world.snapshot(before.keys());
  assert.notDeepEqual(differences(before, after), [], `${it.name}: unbent, it must do something`);
  stage.world.restore(before);
  return { before, after, events: result.events };
}

// What the table says must have happened, and nothing else.
function judge(name, draft, expected, result, unbent, before, after) {
  if (expected === HARMLESS) {
    assert.equal(result.failed, false, `${name}: must be let through: ${result.text}`);
    assert.deepEqual(result.events, unbent.events, `${name}: the same event`);
    for (const [address, was] of unbent.before) {
      const moved = unbent.after.get(address).lamports - was.lamports;
      assert.equal(after.get(address).lamports - before.get(address).lamports, moved,
        `${name}: ${address} moved otherwise`);
    }
    return;
  }
  assert.equal(result.failed, true, `${name}: must be refused`);
  if (expected === RUNTIME) {
    assert.ok(!(result.code >= 100 && result.code <= 124), `${name}: ${result.text}`);
  } else {
    assert.equal(result.code, expected, `${name}: ${result.text}`);
    const index = /InstructionError\((\d+),/.exec(result.text)[1];
    assert.equal(Number(index), draft.before.length, `${name}: it is the program that refuses`);
  }
  assert.deepEqual(differences(before, after), [], `${name}: nothing may change`);
}

// One or more bends at once. Leaves the stage as it was, whatever the program did.
export async function play(stage, it, built, bends, unbent) {
  const { world } = stage;
  const name = `${it.name}; ${bends.map((bend) => bend.name).join(" and ")}`;
  const draft = draftOf(built);
  const undo = world.snapshot(draft.accounts.map(({ address }) => address)
    .filter((address) => !address.startsWith("Sysvar")));
  for (const bend of [...bends].sort((a, b) => isLast(a) - isLast(b))) bend.apply(draft, stage);
  const expected = expectedOf(bends, draft);
  const before = world.snapshot(watched(stage, draft));
  const paid = world.balance("payer");
  const result = await sendDraft(stage, draft);
  const after = world.snapshot(before.keys());
  if (!result.failed) world.restore(before);
  if (!result.failed || bends.some(({ onChain }) => onChain)) world.restore(undo);
  assert.equal(paid - world.balance("payer"), feeOf(draft), `${name}: the fee and no more`);
  judge(name, draft, expected, result, unbent, before, after);
  return expected;
}
