#!/usr/bin/env node
/** Deploys a program to any Solana RPC, by ordinary transactions through the upgradeable loader. */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { KeyFileError, readKeyFile } from "../lib/keyfile.mjs";
import { DeployError, Deployment } from "./deployment.mjs";
import { NodeError, RpcClient, UnreachableError } from "./rpc_client.mjs";

const kUsage = 2;
const kUnreachable = 6;
const kMissing = 8;
const kLargestElf = 10 * 1024 * 1024 - 45;
const kElfMagic = Buffer.from([0x7f, 0x45, 0x4c, 0x46]);
const kHelp = `Deploys a program, or upgrades it where its code differs, or says that it is there.

  node localnet/tools/deploy.mjs --rpc URL --payer KEYFILE --program KEYFILE --so FILE [--final]

  --rpc URL          a Solana RPC node, such as localnet's
  --payer KEYFILE    pays, and may upgrade the program later
  --program KEYFILE  the key whose address the program gets
  --so FILE          the ELF file
  --final            gives up the right to upgrade, for good

It prints one line: {"program","elf_sha256","bytes","transactions","signature","action","final"};
action is deployed, upgraded or unchanged. Exit codes: 0 done, 2 wrong usage, 4 not enough funds,
5 did not land in time, 6 the node cannot be reached, 8 a file is missing or unfit.

Example
  node localnet/tools/deploy.mjs --rpc http://127.0.0.1:8899 --payer payer.json \\
    --program program.json --so build/program/obelisk.so --final
`;

class UsageError extends Error {}

function flags() {
  const text = { type: "string" };
  const yes = { type: "boolean", default: false };
  try {
    const { values } = parseArgs({
      options: { rpc: text, payer: text, program: text, so: text, final: yes, help: yes },
    });
    return values;
  } catch (error) {
    throw new UsageError(error.message);
  }
}

function readElf(path) {
  let bytes;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw new KeyFileError(`The program ${path} cannot be read: ${error.code}. Nothing was sent.`);
  }
  if (!bytes.subarray(0, 4).equals(kElfMagic) || bytes.length > kLargestElf) {
    throw new KeyFileError(`${path} is not an ELF file of at most ${kLargestElf} bytes. Nothing `
      + "was sent.");
  }
  return bytes;
}

async function main() {
  const values = flags();
  if (values.help) {
    process.stdout.write(kHelp);
    return;
  }
  for (const name of ["rpc", "payer", "program", "so"]) {
    if (values[name] === undefined) throw new UsageError(`--${name} is missing.`);
  }
  if (!URL.canParse(values.rpc)) throw new UsageError(`--rpc ${values.rpc} is not a URL.`);
  const elf = readElf(values.so);
  const deployment = new Deployment({ rpc: new RpcClient(values.rpc), elf, final: values.final });
  const result = await deployment.run(readKeyFile(values.payer), readKeyFile(values.program));
  process.stdout.write(`${JSON.stringify(result)}\n`);
}

function exitCode(error) {
  if (error instanceof UsageError) return kUsage;
  if (error instanceof DeployError) return error.code;
  if (error instanceof UnreachableError) return kUnreachable;
  if (error instanceof KeyFileError) return kMissing;
  return 1;
}

main().catch((error) => {
  const logs = error instanceof NodeError ? error.data?.logs ?? [] : [];
  const usage = error instanceof UsageError ? "\nSee --help." : "";
  const told = exitCode(error) !== 1 || error instanceof NodeError || error instanceof DeployError;
  process.stderr.write(`${told ? error.message : error.stack}${usage}\n`);
  for (const line of logs) process.stderr.write(`  ${line}\n`);
  process.exitCode = exitCode(error);
});
