// ./dev bench chain in small: both sides decode the same of the same input, field for field.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = new URL("../../", import.meta.url);
const ours = process.env.OBELISK_CHAIN_BENCH
  ?? fileURLToPath(new URL("build/dev/bench/chain_bench", root));
const script = (name) => fileURLToPath(new URL(`tests/bench/${name}`, root));
// Each kind of message, with each of the limits of v1, and each end of a rental.
const COUNT = 128;
const QUESTIONS = "checksum decode\nchecksum index\ndecode 0\nindex 0\n";

function makeInput(folder, seed) {
  const files = ["messages", "records"].map((name) => join(folder, `${seed}.${name}`));
  execFileSync(process.execPath, [script("chain_input.mjs"), seed, `${COUNT}`, ...files]);
  return files;
}

function answers(command, words) {
  const out = execFileSync(command, words, { input: QUESTIONS, encoding: "utf8" });
  const [decode, index, ...rounds] = out.trim().split("\n").map((line) => JSON.parse(line));
  return { decode: decode.checksum, index: index.checksum, sums: rounds.map(({ sum }) => sum) };
}

test("both sides of the chain's benchmark decode the same", (t) => {
  if (!existsSync(ours)) {
    throw new Error(`${ours} is not there. Build it: ./dev build dev, or set OBELISK_CHAIN_BENCH`);
  }
  const folder = mkdtempSync(join(tmpdir(), "obelisk-bench-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const [one, other] = ["one", "other"].map((seed) => makeInput(folder, seed));
  const cpp = answers(ours, one);
  assert.deepEqual(cpp, answers(process.execPath, [script("chain_kit.mjs"), ...one]));
  assert.ok(cpp.sums.every((sum) => sum > 0));
  const another = answers(ours, other);
  assert.notEqual(cpp.decode, another.decode);
  assert.notEqual(cpp.index, another.index);
});
