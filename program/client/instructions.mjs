// Generated from program/description.json by tools/codegen/program.py: change those.
// The program's instructions in the form @solana/kit takes. A party that signs is an
// address or kit's signer; with an address, who holds the key attaches it.
import {
  AccountRole, fixEncoderSize, getAddressEncoder, getBytesEncoder, getI64Encoder, getStructEncoder,
  getU16Encoder, getU32Encoder, getU64Encoder, getU8Encoder, transformEncoder,
} from "#kit";
import { ED25519_PROGRAM, INSTRUCTIONS_SYSVAR, SYSTEM_PROGRAM, TAG } from "./protocol.mjs";

const ROLES = [
  [AccountRole.READONLY, AccountRole.READONLY_SIGNER],
  [AccountRole.WRITABLE, AccountRole.WRITABLE_SIGNER],
];
function account(party, writable, signs) {
  const role = ROLES[writable ? 1 : 0][signs ? 1 : 0];
  if (typeof party === "string") return { address: party, role };
  return signs ? { address: party.address, role, signer: party }
    : { address: party.address, role };
}
function needed(party, name) {
  if (party === undefined) throw new Error(`this instruction needs the address of ${name}`);
  return party;
}
function call(
  program, accounts, data,
) {
  return { programAddress: program, accounts, data };
}

function exactly(length, bytes) {
  if (bytes.length !== length) throw new Error(`${length} bytes are needed, not ${bytes.length}`);
  return bytes;
}
const hashEncoder = transformEncoder(fixEncoderSize(getBytesEncoder(), 32),
  (bytes) => exactly(32, bytes));

const termsEncoder = getStructEncoder([
  ["paused", getU8Encoder()],
  ["feeBps", getU16Encoder()],
  ["readyDeadlineS", getU32Encoder()],
  ["gapLimitS", getU32Encoder()],
  ["claimWindowS", getU32Encoder()],
  ["attestor", getAddressEncoder()],
]);

const createMarketData = getStructEncoder([
  ["discriminator", getU8Encoder()],
  ["bump", getU8Encoder()],
  ["terms", termsEncoder],
]);
// Makes the operator's market.
export const createMarket = (input) =>
  call(input.program, [
    account(input.operator, true, true),
    account(input.market, true, false),
    account(input.treasury, true, false),
    account(SYSTEM_PROGRAM, false, false),
  ], createMarketData.encode({ discriminator: TAG.createMarket, ...input }));

const updateMarketData = getStructEncoder([
  ["discriminator", getU8Encoder()],
  ["terms", termsEncoder],
]);
// Replaces all terms for future leases.
export const updateMarket = (input) =>
  call(input.program, [
    account(input.operator, false, true),
    account(input.market, true, false),
    account(input.treasury, true, false),
  ], updateMarketData.encode({ discriminator: TAG.updateMarket, ...input }));

const openData = getStructEncoder([
  ["discriminator", getU8Encoder()],
  ["bump", getU8Encoder()],
  ["nonce", getU64Encoder()],
  ["marketRev", getU64Encoder()],
  ["expiresAt", getI64Encoder()],
  ["rate", getU64Encoder()],
  ["seconds", getU32Encoder()],
  ["maxSeconds", getU32Encoder()],
  ["termsHash", hashEncoder],
]);
// Pays price and bond into a new lease.
export const open = (input) =>
  call(input.program, [
    account(input.renter, true, true),
    account(input.lease, true, false),
    account(input.host, true, false),
    account(input.market, false, false),
    account(SYSTEM_PROGRAM, false, false),
  ], openData.encode({ discriminator: TAG.open, ...input }));

const readyData = getStructEncoder([
  ["discriminator", getU8Encoder()],
  ["openedSlot", getU64Encoder()],
]);
// The attestor has logged in: the rental starts.
export const ready = (input) =>
  call(input.program, [
    account(input.attestor, false, true),
    account(input.lease, true, false),
  ], readyData.encode({ discriminator: TAG.ready, ...input }));

// Before ready: everything back. The renter signs, or the deadline has passed.
export const cancel = (input) =>
  call(input.program, [
    account(input.lease, true, false),
    account(input.renter, true, input.renterSigns ?? false),
  ], Uint8Array.of(TAG.cancel));

const extendData = getStructEncoder([
  ["discriminator", getU8Encoder()],
  ["totalSeconds", getU32Encoder()],
]);
// Buys time, up to a total counted from the start.
export const extend = (input) =>
  call(input.program, [
    account(input.renter, true, true),
    account(input.lease, true, false),
    account(SYSTEM_PROGRAM, false, false),
  ], extendData.encode({ discriminator: TAG.extend, ...input }));

// Pays what the Ed25519 instruction right before it proves.
export const claim = (input) =>
  call(input.program, [
    account(input.lease, true, false),
    account(input.renter, true, false),
    account(input.host, true, false),
    account(input.treasury, true, false),
    account(INSTRUCTIONS_SYSVAR, false, false),
  ], Uint8Array.of(TAG.claim));

const stopData = getStructEncoder([
  ["discriminator", getU8Encoder()],
  ["how", getU8Encoder()],
]);
// how: 0 served, 1 disputed (renter signs), 2 waived (host signs), 3 dark (attestor signs).
export const stop = (input) =>
  call(input.program, [
    account(input.lease, true, false),
    account(input.renter, true, input.how === 0 || input.how === 1),
    account(input.host, true, input.how === 2),
    account(input.treasury, true, false),
    ...(input.how === 3
      ? [account(needed(input.attestor, "attestor"), false, true)] : []),
  ], stopData.encode({ discriminator: TAG.stop, ...input }));

// After the end, or after the window of a contested stop: anyone.
export const finish = (input) =>
  call(input.program, [
    account(input.lease, true, false),
    account(input.renter, true, false),
    account(input.host, true, false),
    account(input.treasury, true, false),
  ], Uint8Array.of(TAG.finish));

const ATTESTATION_MAGIC = Uint8Array.of(79, 66, 69, 76, 73, 83, 75, 49); // "OBELISK1"
const attestationEncoder = getStructEncoder([
  ["magic", getBytesEncoder()],
  ["program", getAddressEncoder()],
  ["lease", getAddressEncoder()],
  ["openedSlot", getU64Encoder()],
  ["aliveUntil", getI64Encoder()],
]);
// The 88 bytes that attestor or renter sign.
export const attestation = (fields) =>
  attestationEncoder.encode({ magic: ATTESTATION_MAGIC, ...fields });

// One signature; key, signature and message at 16, 48 and 112 of the same instruction.
const PROOF_HEADER = [
  0x01, 0x00, 0x30, 0x00, 0xff, 0xff, 0x10, 0x00, 0xff, 0xff, 0x70, 0x00, 0x58, 0x00, 0xff, 0xff,
];
// The instruction that proves a signed attestation; it goes right before its claim.
export const ed25519 = (input) =>
  call(ED25519_PROGRAM, [], Uint8Array.of(...PROOF_HEADER,
    ...getAddressEncoder().encode(input.signer), ...input.signature, ...input.message));
