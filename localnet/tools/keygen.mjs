#!/usr/bin/env node
/** Makes the key files that are missing. It never writes over one that is there. */
import { toBase58 } from "../lib/encoding.mjs";
import { ensureKeyFile, KeyFileError } from "../lib/keyfile.mjs";

const kUsage = 2;
const kMissing = 8;
const kHelp = `Makes Solana key files (mode 0600). Files that exist are left as they are.

  node localnet/tools/keygen.mjs FILE...

It prints one line of JSON a file: {"file","address","made"}.

Example
  node localnet/tools/keygen.mjs .state/operator.json .state/treasury.json
`;

const files = process.argv.slice(2);
if (files.includes("--help")) {
  process.stdout.write(kHelp);
} else if (files.length === 0 || files.some((file) => file.startsWith("-"))) {
  process.stderr.write("Name the key files to make. See --help.\n");
  process.exitCode = kUsage;
} else {
  try {
    for (const file of files) {
      const { address, made } = ensureKeyFile(file);
      process.stdout.write(`${JSON.stringify({ file, address: toBase58(address), made })}\n`);
    }
  } catch (error) {
    if (!(error instanceof KeyFileError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = kMissing;
  }
}
