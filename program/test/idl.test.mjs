// idl.json against the client that the other tests have proven on the built program.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { pathToFileURL } from "node:url";

import * as obelisk from "../client/obelisk.mjs";
import { programPath, ROLE, wallets } from "./harness.mjs";

const home = programPath instanceof URL ? programPath : pathToFileURL(programPath);
const idl = JSON.parse(readFileSync(new URL("idl.json", home), "utf8"));

const SIZES = { u8: 1, u16: 2, u32: 4, u64: 8, i64: 8 };
const sizeOf = (type) => {
  if (type.kind === "numberTypeNode") return SIZES[type.format];
  if (type.kind === "publicKeyTypeNode") return 32;
  assert.equal(type.kind, "fixedSizeTypeNode");
  return type.size;
};
const total = (fields) => fields.reduce((sum, field) => sum + sizeOf(field.type), 0);

// Every instruction of the client, with each field filled by something.
const any = {
  program: wallets.program.address, operator: wallets.operator.address,
  market: wallets.other.address, treasury: wallets.treasury.address,
  attestor: wallets.attestor.address, renter: wallets.renter.address, host: wallets.host.address,
  lease: wallets.stranger.address, bump: 1, nonce: 2n, marketRev: 3n, expiresAt: 4n, rate: 5n,
  seconds: 6, maxSeconds: 7, termsHash: new Uint8Array(32), openedSlot: 8n, totalSeconds: 9,
  how: obelisk.HOW.dark, renterSigns: false,
  terms: { paused: 0, feeBps: 1, readyDeadlineS: 2, gapLimitS: 3, claimWindowS: 4,
    attestor: wallets.attestor.address },
};

for (const instruction of idl.program.instructions) {
  test(`${instruction.name} has the accounts and the data of the client`, () => {
    const built = obelisk[instruction.name](any);
    const roles = instruction.accounts.map(({ isSigner, isWritable }) =>
      (isSigner === true ? 2 : 0) + (isWritable ? 1 : 0));
    assert.deepEqual(built.accounts.map(({ role }) => role), roles);
    for (const [i, account] of instruction.accounts.entries()) {
      const address = account.defaultValue?.publicKey ?? any[account.name];
      assert.equal(built.accounts[i].address, address, account.name);
    }
    assert.equal(built.data.length, total(instruction.arguments));
    assert.equal(built.data[0], instruction.arguments[0].defaultValue.number);
    assert.equal(built.data[0], obelisk.TAG[instruction.name]);
  });
}

test("it has all instructions, accounts and errors", () => {
  assert.equal(ROLE.WRITABLE_SIGNER, 3);
  assert.deepEqual(idl.program.instructions.map(({ name }) => name), Object.keys(obelisk.TAG));
  assert.deepEqual(idl.program.accounts.map(({ name }) => name), ["market", "lease"]);
  assert.deepEqual(idl.program.errors.map(({ code }) => code), Object.values(obelisk.ERROR));
  const camel = (name) => name.toLowerCase().replace(/_(.)/g, (_, letter) => letter.toUpperCase());
  assert.deepEqual(idl.program.errors.map(({ name }) => name),
    Object.keys(obelisk.ERROR).map(camel));
  assert.equal(idl.standard, "codama");
});

test("accounts and event have the fields of the client's decoders, and their sizes", () => {
  const market = Uint8Array.from({ length: 128 }, (_, i) => (i < 2 ? 1 : 0));
  const lease = Uint8Array.from({ length: 296 }, (_, i) => [2, 1][i] ?? 0);
  const event = Uint8Array.from({ length: 80 }, (_, i) => "OBK1".charCodeAt(i) || 0);
  const [marketNode, leaseNode] = idl.program.accounts.map(({ data }) => data.fields);
  const eventFields = idl.program.events[0].data.type.fields;
  assert.equal(total(marketNode), obelisk.MARKET_SIZE);
  assert.equal(total(leaseNode), obelisk.LEASE_SIZE);
  assert.equal(total(eventFields) + 4, obelisk.EVENT_SIZE);
  const names = (fields) => fields.map(({ name }) => name);
  assert.deepEqual(names(marketNode), Object.keys(obelisk.decodeMarket(market)));
  assert.deepEqual(names(leaseNode), Object.keys(obelisk.decodeLease(lease)));
  assert.deepEqual(names(eventFields), Object.keys(obelisk.decodeEvent(event)));
});
