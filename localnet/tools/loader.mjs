/** The instructions and account layouts of the upgradeable loader that a deployment needs. */
import {
  AccountRole, getAddressDecoder, getAddressEncoder, getProgramDerivedAddress,
} from "@solana/kit";

export const kLoader = "BPFLoaderUpgradeab1e11111111111111111111111";
export const kBufferHeaderBytes = 37;
export const kDataHeaderBytes = 45;
export const kProgramBytes = 36;
const kSystem = "11111111111111111111111111111111";
const kRent = "SysvarRent111111111111111111111111111111111";
const kClock = "SysvarC1ock11111111111111111111111111111111";
const kExtendAtLeast = 10_240;

const kInitializeBuffer = 0;
const kWrite = 1;
const kDeploy = 2;
const kUpgrade = 3;
const kSetAuthority = 4;
const kExtend = 6;
const kStateBuffer = 1;
const kStateData = 3;

const addresses = getAddressEncoder();
const { READONLY, READONLY_SIGNER, WRITABLE, WRITABLE_SIGNER } = AccountRole;

const u32 = (value) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};
const u64 = (value) => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
};
const bytesOf = (...parts) =>
  Uint8Array.from(Buffer.concat(parts.map((part) => Buffer.from(part))));
const plain = (address, role = READONLY) => ({ address, role });
const signed = (signer, role = WRITABLE_SIGNER) => ({ address: signer.address, role, signer });

/** The account that holds a program's code. */
export async function dataAddressOf(program) {
  const [address] = await getProgramDerivedAddress({
    programAddress: kLoader, seeds: [addresses.encode(program)],
  });
  return address;
}

export function createAccount({ payer, account, lamports, space }) {
  return {
    programAddress: kSystem,
    accounts: [signed(payer), signed(account)],
    data: bytesOf(u32(0), u64(lamports), u64(space), addresses.encode(kLoader)),
  };
}

export function initializeBuffer(buffer, authority) {
  return {
    programAddress: kLoader,
    accounts: [plain(buffer, WRITABLE), plain(authority)],
    data: bytesOf(u32(kInitializeBuffer)),
  };
}

export function write({ buffer, authority, offset, bytes }) {
  return {
    programAddress: kLoader,
    accounts: [plain(buffer, WRITABLE), signed(authority, READONLY_SIGNER)],
    data: bytesOf(u32(kWrite), u32(offset), u64(bytes.length), bytes),
  };
}

export function deploy({ payer, data, program, buffer, maxBytes }) {
  return {
    programAddress: kLoader,
    accounts: [
      signed(payer), plain(data, WRITABLE), plain(program, WRITABLE), plain(buffer, WRITABLE),
      plain(kRent), plain(kClock), plain(kSystem), signed(payer, READONLY_SIGNER),
    ],
    data: bytesOf(u32(kDeploy), u64(maxBytes)),
  };
}

export function upgrade({ payer, data, program, buffer }) {
  return {
    programAddress: kLoader,
    accounts: [
      plain(data, WRITABLE), plain(program, WRITABLE), plain(buffer, WRITABLE),
      plain(payer.address, WRITABLE), plain(kRent), plain(kClock),
      signed(payer, READONLY_SIGNER),
    ],
    data: bytesOf(u32(kUpgrade)),
  };
}

/** Makes room for a larger program; the loader wants a step of 10 KiB at least. */
export function extend({ payer, data, program, bytes }) {
  return {
    programAddress: kLoader,
    accounts: [
      plain(data, WRITABLE), plain(program, WRITABLE), plain(kSystem), signed(payer),
    ],
    data: bytesOf(u32(kExtend), u32(extensionBytes(bytes))),
  };
}

export const extensionBytes = (missing) => Math.max(missing, kExtendAtLeast);

/** Takes away the right to change the program, for good. */
export function dropAuthority({ payer, data }) {
  return {
    programAddress: kLoader,
    accounts: [plain(data, WRITABLE), signed(payer, READONLY_SIGNER)],
    data: bytesOf(u32(kSetAuthority)),
  };
}

function authorityAt(data, at) {
  return data[at] === 1 ? getAddressDecoder().decode(data.subarray(at + 1, at + 33)) : null;
}

/** @returns {{slot: bigint, authority: string|null, code: Uint8Array}|null} */
export function parseData(data) {
  if (data.length < kDataHeaderBytes || data.readUInt32LE(0) !== kStateData) return null;
  return {
    slot: data.readBigUInt64LE(4), authority: authorityAt(data, 12),
    code: data.subarray(kDataHeaderBytes),
  };
}

/** @returns {{authority: string|null, code: Uint8Array}|null} */
export function parseBuffer(data) {
  if (data.length < kBufferHeaderBytes || data.readUInt32LE(0) !== kStateBuffer) return null;
  return { authority: authorityAt(data, 4), code: data.subarray(kBufferHeaderBytes) };
}
