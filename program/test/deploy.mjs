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

async function upload(world, elf) {
  const buffer = wallets.buffer.address;
  const authority = wallets.payer.address;
  await world.good(create(world, "buffer", BUFFER_HEADER + elf.length),
    loader([[buffer, WRITABLE], [authority, READONLY]], new Writer().u32(0)));
  for (let at = 0; at < elf.length; at += CHUNK) {
    const chunk = elf.subarray(at, at + CHUNK);
    await world.good(loader([[buffer, WRITABLE], [authority, READONLY_SIGNER]],
      new Writer().u32(1).u32(at).u64(chunk.length).raw(chunk)));
  }
}

export async function deploy(world, elf) {
  await upload(world, elf);
  const payer = wallets.payer.address;
  const program = wallets.program.address;
  const [data] = await kit.getProgramDerivedAddress({
    programAddress: LOADER, seeds: [kit.getAddressEncoder().encode(program)],
  });
  await world.good(create(world, "program", PROGRAM_SIZE), loader([
    [payer, WRITABLE_SIGNER], [data, WRITABLE], [program, WRITABLE],
    [wallets.buffer.address, WRITABLE], [RENT, READONLY], [CLOCK, READONLY],
    [SYSTEM_PROGRAM, READONLY], [payer, READONLY_SIGNER],
  ], new Writer().u32(2).u64(elf.length)));
  const clock = world.svm.getClock();
  world.svm.warpToSlot(clock.slot + 1n); // callable from the next slot on
}
