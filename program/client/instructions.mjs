// The program's instructions in the form @solana/kit takes: {programAddress, accounts, data}.
// Signers are given as addresses; who holds the keys attaches them.
import { Writer } from "./bytes.mjs";
import { kit } from "./deps.mjs";
import { ED25519_PROGRAM, HOW, INSTRUCTIONS_SYSVAR, SYSTEM_PROGRAM, TAG } from "./protocol.mjs";

const { READONLY, WRITABLE, READONLY_SIGNER, WRITABLE_SIGNER } = kit.AccountRole;
const reads = (address) => ({ address, role: READONLY });
const writes = (address) => ({ address, role: WRITABLE });
const signs = (address) => ({ address, role: READONLY_SIGNER });
const pays = (address) => ({ address, role: WRITABLE_SIGNER });

const start = (tag) => new Writer().u8(tag);
const call = (program, accounts, data) => ({
  programAddress: program, accounts, data: data.bytes(),
});

const putTerms = (writer, terms) =>
  writer.u8(terms.paused).u16(terms.feeBps).u32(terms.readyDeadlineS).u32(terms.gapLimitS)
    .u32(terms.claimWindowS).address(terms.attestor);

export const createMarket = ({ program, operator, market, bump, treasury, terms }) =>
  call(program, [pays(operator), writes(market), writes(treasury), reads(SYSTEM_PROGRAM)],
    putTerms(start(TAG.createMarket).u8(bump), terms));

export const updateMarket = ({ program, operator, market, treasury, terms }) =>
  call(program, [signs(operator), writes(market), writes(treasury)],
    putTerms(start(TAG.updateMarket), terms));

export const open = (it) =>
  call(it.program,
    [pays(it.renter), writes(it.lease), writes(it.host), reads(it.market), reads(SYSTEM_PROGRAM)],
    start(TAG.open).u8(it.bump).u64(it.nonce).u64(it.marketRev).i64(it.expiresAt).u64(it.rate)
      .u32(it.seconds).u32(it.maxSeconds).raw(it.termsHash));

export const ready = ({ program, attestor, lease, openedSlot }) =>
  call(program, [signs(attestor), writes(lease)], start(TAG.ready).u64(openedSlot));

export const cancel = ({ program, lease, renter, renterSigns }) =>
  call(program, [writes(lease), renterSigns ? pays(renter) : writes(renter)], start(TAG.cancel));

export const extend = ({ program, renter, lease, totalSeconds }) =>
  call(program, [pays(renter), writes(lease), reads(SYSTEM_PROGRAM)],
    start(TAG.extend).u32(totalSeconds));

export const claim = ({ program, lease, renter, host, treasury }) =>
  call(program,
    [writes(lease), writes(renter), writes(host), writes(treasury), reads(INSTRUCTIONS_SYSVAR)],
    start(TAG.claim));

export const stop = ({ program, lease, renter, host, treasury, attestor, how }) => {
  const accounts = [
    writes(lease), how < HOW.waive ? pays(renter) : writes(renter),
    how === HOW.waive ? pays(host) : writes(host), writes(treasury),
  ];
  if (how === HOW.dark) accounts.push(signs(attestor));
  return call(program, accounts, start(TAG.stop).u8(how));
};

export const finish = ({ program, lease, renter, host, treasury }) =>
  call(program, [writes(lease), writes(renter), writes(host), writes(treasury)],
    start(TAG.finish));

// The 88 bytes that attestor or renter sign.
export const attestation = ({ program, lease, openedSlot, aliveUntil }) =>
  new Writer().text("OBELISK1").address(program).address(lease).u64(openedSlot).i64(aliveUntil)
    .bytes();

// The instruction that proves a signed attestation; it goes right before its claim.
export const ed25519 = ({ signer, signature, message }) =>
  call(ED25519_PROGRAM, [],
    new Writer().raw(Buffer.from("01003000ffff1000ffff70005800ffff", "hex")).address(signer)
      .raw(signature).raw(message));
