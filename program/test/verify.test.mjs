// ./dev program --verify, the quick way: the same sources compiled and linked in two directories.
// The whole way builds the linker too, and is for people: it takes half a minute.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { programPath } from "./harness.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));
const built = typeof programPath === "string" ? programPath : fileURLToPath(programPath);
// Beside the program under test, or where the release preset puts it.
const linker = [join(dirname(built), "../bin/sbpf-ld"), join(root, "build/bin/sbpf-ld")]
  .find(existsSync);
const verify = (...words) => spawnSync("/usr/bin/python3",
  [join(root, "tools/program/verify.py"), "--linker", linker, ...words],
  { encoding: "utf8", cwd: tmpdir() });

// A copy of what the program is made of, with one line of it changed.
function changed(t, path, from, to) {
  const folder = mkdtempSync(join(tmpdir(), "obelisk-verify-test-"));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const part of ["program", "src/base", "src/core/escrow"]) {
    cpSync(join(root, part), join(folder, part), { recursive: true });
  }
  const text = readFileSync(join(folder, path), "utf8");
  assert.ok(text.includes(from));
  writeFileSync(join(folder, path), text.replace(from, to));
  return folder;
}

test("two directories give one file", () => {
  const { status, stdout, stderr } = verify("--json");
  assert.equal(stderr, "");
  const { same, sha256, builds, elf_bytes: bytes } = JSON.parse(stdout.trim().split("\n").at(-1));
  assert.equal(status, 0);
  assert.equal(same, true);
  assert.match(sha256, /^[0-9a-f]{64}$/);
  assert.deepEqual(builds, [sha256, sha256]);
  assert.ok(bytes > 10_000);
  assert.match(verify().stdout, new RegExp(`^${sha256}  ${bytes} bytes, the same from two`));
});

test("a time of day in the file is found out", (t) => {
  const folder = changed(t, "program/security_txt.cpp", "\"auditors\\0None\\0\"",
    "\"auditors\\0\" __TIME__ \"\\0\"");
  const { status, stdout } = verify("--root", folder, "--json");
  const { same, builds } = JSON.parse(stdout);
  assert.equal(status, 1);
  assert.equal(same, false);
  assert.notEqual(builds[0], builds[1]);
});

test("a path in the file does not reach it", (t) => {
  const folder = changed(t, "program/security_txt.cpp", "\"auditors\\0None\\0\"",
    "\"auditors\\0\" __FILE__ \"\\0\"");
  assert.equal(verify("--root", folder).status, 0);
});

test("sources that do not compile say so", (t) => {
  const folder = changed(t, "program/entry.cpp", "dispatch(input);", "nothing(input);");
  const { status, stdout, stderr } = verify("--root", folder);
  assert.equal(status, 8);
  assert.equal(stdout, "");
  assert.match(stderr, /does not build in a clean directory/);
});
