// Deploys a program as a person would: a buffer filled by transactions of the upgradeable loader.
// Putting the file into the VM directly would skip checks that a real cluster makes.
import { Writer } from "../client/bytes.mjs";
import { kit } from "../client/deps.mjs";
import { SYSTEM_PROGRAM } from "../client/protocol.mjs";
import { wallets } from "./harness.mjs";

const LOADER = "BPFLoaderUpgradeab1e11111111111111111111111";
const RENT = "SysvarRent111111111111111111111111111111111";
const CLOCK = "SysvarC1ock11111111111111111111111111111111";
const BUFFER_HEADER = 37;
const PROGRAM_SIZE = 36;
const CHUNK = 900; // what fits a transaction beside its signatures

const { READONLY, WRITABLE, READONLY_SIGNER, WRITABLE_SIGNER } = kit.AccountRole;

function create(world, name, space) {
  const rent = world.svm.minimumBalanceForRentExemption(BigInt(space));
  return {
    programAddress: SYSTEM_PROGRAM,
    accounts: [
      { address: wallets.payer.address, role: WRITABLE_SIGNER },
      { address: wallets[name].address, role: WRITABLE_SIGNER },
    ],
    data: new Writer().u32(0).u64(rent).u64(space).address(LOADER).bytes(),
  };
}

const loader = (accounts, data) => ({
  programAddress: LOADER,
  accounts: accounts.map(([address, role]) => ({ address, role })),
  data: data.bytes(),
});

// A buffer account filled with the file; its authority is the payer's wallet, as a deployer's is.
export async function upload(world, elf, name = "buffer") {
  const buffer = wallets[name].address;
  const authority = wallets.payer.address;
  await world.good(create(world, name, BUFFER_HEADER + elf.length),
    loader([[buffer, WRITABLE], [authority, READONLY]], new Writer().u32(0)));
  for (let at = 0; at < elf.length; at += CHUNK) {
    const chunk = elf.subarray(at, at + CHUNK);
    await world.good(loader([[buffer, WRITABLE], [authority, READONLY_SIGNER]],
      new Writer().u32(1).u32(at).u64(chunk.length).raw(chunk)));
  }
}

// Where the loader keeps the code of the program at `program`.
export async function programData(program) {
  const [data] = await kit.getProgramDerivedAddress({
    programAddress: LOADER, seeds: [kit.getAddressEncoder().encode(program)],
  });
  return data;
}
export const PROGRAM_DATA_HEADER = 45; // u32 kind, u64 slot, u8 and key of the authority

// What is deployed in one slot can be called from the next on.
export function nextSlot(world) {
  world.svm.warpToSlot(world.svm.getClock().slot + 1n);
}

export async function deploy(world, elf, name = "program") {
  await upload(world, elf);
  const payer = wallets.payer.address;
  const program = wallets[name].address;
  await world.good(create(world, name, PROGRAM_SIZE), loader([
    [payer, WRITABLE_SIGNER], [await programData(program), WRITABLE], [program, WRITABLE],
    [wallets.buffer.address, WRITABLE], [RENT, READONLY], [CLOCK, READONLY],
    [SYSTEM_PROGRAM, READONLY], [payer, READONLY_SIGNER],
  ], new Writer().u32(2).u64(elf.length)));
  nextSlot(world);
}

// The loader's instructions on a program that is deployed; `authority` names the wallet that signs.
const signer = (name) => [wallets[name].address, READONLY_SIGNER];
export const upgrade = async (program, { authority = "payer", buffer = "buffer" } = {}) => loader([
  [await programData(program), WRITABLE], [program, WRITABLE], [wallets[buffer].address, WRITABLE],
  [wallets.payer.address, WRITABLE], [RENT, READONLY], [CLOCK, READONLY], signer(authority),
], new Writer().u32(3));
// With no `next` the authority is dropped, for good.
export const setAuthority = async (program, { authority = "payer", next } = {}) => loader([
  [await programData(program), WRITABLE], signer(authority),
  ...(next ? [[wallets[next].address, READONLY]] : []),
], new Writer().u32(4));
export const closeProgram = async (program, { authority = "payer" } = {}) => loader([
  [await programData(program), WRITABLE], [wallets.payer.address, WRITABLE], signer(authority),
  [program, WRITABLE],
], new Writer().u32(5));
export const extendProgram = async (program, bytes) => loader([
  [await programData(program), WRITABLE], [program, WRITABLE], [SYSTEM_PROGRAM, READONLY],
  [wallets.payer.address, WRITABLE_SIGNER],
], new Writer().u32(6).u32(bytes));
