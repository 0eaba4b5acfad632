// One description: what is committed of structs, client and page is what the generator writes.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const PYTHON = "/usr/bin/python3";
const generator = "tools/codegen/program.py";
const run = (folder, ...words) =>
  spawnSync(PYTHON, [join(folder, generator), ...words], { encoding: "utf8" });

// A copy of all that the generator reads and writes, to be changed.
function copy(t) {
  const folder = mkdtempSync(join(tmpdir(), "obelisk-description-"));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const part of ["tools/codegen", "src/core/escrow", "docs/escrow.md", "program/client",
    "program/description.json"]) {
    mkdirSync(dirname(join(folder, part)), { recursive: true });
    cpSync(join(root, part), join(folder, part), { recursive: true });
  }
  return folder;
}
function edit(folder, path, from, to) {
  const text = readFileSync(join(folder, path), "utf8");
  assert.ok(text.includes(from), `${path} holds no ${from}`);
  writeFileSync(join(folder, path), text.replace(from, to));
}

test("structs, client and page are what program/description.json says", () => {
  const { status, stdout, stderr } = run(root, "--check");
  assert.equal(`${stdout}${stderr}`, "");
  assert.equal(status, 0);
});

for (const [path, from, to] of [
  ["docs/escrow.md", "| 280 | window_ends", "| 281 | window_ends"],
  ["src/core/escrow/layout.hpp", "offsetof(Lease, rate) == 240", "offsetof(Lease, rate) == 248"],
  ["src/core/escrow/error_text.cpp", "The quote is too old.", "The quote is old."],
  ["program/client/accounts.mjs", "[\"rate\", getU64Decoder()]", "[\"rate\", getI64Decoder()]"],
  ["program/client/instructions.ts", "readonly how: How", "readonly how: number"],
]) {
  test(`a change of ${path} by hand is found, and written over`, (t) => {
    const folder = copy(t);
    edit(folder, path, from, to);
    const { status, stdout } = run(folder, "--check");
    assert.equal(status, 1);
    assert.equal(stdout,
      `${path} is not what program/description.json says. Run: tools/codegen/program.py\n`);
    assert.equal(run(folder).status, 0);
    assert.equal(run(folder, "--check").status, 0);
    assert.deepEqual(readFileSync(join(folder, path)), readFileSync(join(root, path)));
  });
}

test("one changed field reaches all that is written", (t) => {
  const folder = copy(t);
  edit(folder, "program/description.json", "[\"total_seconds\", \"u32\"]",
    "[\"whole_seconds\", \"u64\"]");
  const idl = join(folder, "idl.json");
  execFileSync(PYTHON, [join(folder, generator), "--idl", idl, "0.1.0"]);
  const written = run(folder).stdout.trim().split("\n");
  for (const path of ["docs/escrow.md", "src/core/escrow/instruction_set.hpp",
    "program/client/instructions.ts", "program/client/instructions.mjs"]) {
    assert.ok(written.includes(path), path);
  }
  assert.match(readFileSync(join(folder, "docs/escrow.md"), "utf8"), /extend: whole_seconds u64/);
  assert.match(readFileSync(join(folder, "src/core/escrow/instruction_set.hpp"), "utf8"),
    /kExtendLength = 9;/);
  assert.match(readFileSync(idl, "utf8"), /"name":"wholeSeconds"/);
});

for (const [what, from, to, why] of [
  ["padding", "[\"zero_a\", \"u16\"],", "", /would need padding/],
  ["an unknown type", "[\"bump\", \"u8\"], [\"nonce\", \"u64\"]",
    "[\"bump\", \"u9\"], [\"nonce\", \"u64\"]", /unknown type u9/],
  ["a name twice", "[\"started_at\", \"i64\"]", "[\"opened_at\", \"i64\"]", /has a name twice/],
  ["an account that is there twice", "\"lease w\", \"renter w ?\"", "\"lease w\", \"lease w\"",
    /one stands there twice/],
  ["a gap in the error codes", "\"code\": 112", "\"code\": 212", /error codes/],
]) {
  test(`${what} in the description is refused`, (t) => {
    const folder = copy(t);
    edit(folder, "program/description.json", from, to);
    const { status, stderr } = run(folder);
    assert.equal(status, 1);
    assert.match(stderr, why);
    assert.deepEqual(readFileSync(join(folder, "docs/escrow.md")),
      readFileSync(join(root, "docs/escrow.md")));
  });
}
