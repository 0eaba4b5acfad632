/** The page's sources by themselves: types, form, addresses, and what tests may touch. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const web = fileURLToPath(new URL("../../web/", import.meta.url));

function run(module, ...words) {
  const done = spawnSync(process.execPath, [join(web, "node_modules", module), ...words],
    { cwd: web, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"], timeout: 280_000 });
  assert.equal(done.status, 0, `${done.stdout}${done.stderr}`);
}

function files(folder = join(web, "src")) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? files(join(folder, entry.name)) : [join(folder, entry.name)]);
}

test("types hold, and nothing warns", () => {
  run("openapi-typescript/bin/cli.js", "../src/api/openapi.json", "--output",
    "src/generated/api.ts");
  run("svelte-check/bin/svelte-check", "--fail-on-warnings", "--output", "human");
});

test("the sources have one form", () => run("prettier/bin/prettier.cjs", "--check", "src"));

test("nothing is put into the page as markup, and no style stands in it", () => {
  for (const path of files().filter((one) => one.endsWith(".svelte"))) {
    const text = readFileSync(path, "utf8");
    assert.doesNotMatch(text, /\{@html/, path);
    assert.doesNotMatch(text, /\sstyle=/, `${path}: the policy allows style: directives alone`);
  }
});

test("every view's address is one that the market answers", () => {
  const places = JSON.parse(readFileSync(join(web, "places.json"), "utf8"));
  const source = readFileSync(join(web, "src/frame/views.ts"), "utf8");
  const patterns = [...source.matchAll(/path: (\/\^.*?\$\/)/g)].map(([, text]) =>
    text.slice(2, -2).replaceAll("\\/", "/").replaceAll("([^/]+)", "*"));
  assert.deepEqual(patterns.sort(), [...places].sort());
});

test("what a test touches is in the documents", () => {
  const here = fileURLToPath(new URL("./", import.meta.url));
  const docs = fileURLToPath(new URL("../../docs/", import.meta.url));
  const listed = new Set(["page.md", "page-pay.md", "page-machines.md"].flatMap((name) =>
    [...readFileSync(join(docs, name), "utf8").matchAll(/`([a-z][a-z0-9-]*)`/g)]
      .map(([, id]) => id)));
  const touched = readdirSync(here).filter((name) => name.endsWith(".mjs")).flatMap((name) =>
    [...readFileSync(join(here, name), "utf8").matchAll(/(?:\bat|getByTestId)\("([a-z0-9-]+)"\)/g)]
      .map(([, id]) => id));
  assert.ok(touched.length > 30);
  assert.deepEqual([...new Set(touched)].filter((id) => !listed.has(id)), []);
});
