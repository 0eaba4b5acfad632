/** The page's sources by themselves: types, form, and the words of both languages. */
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

test("both languages say everything, and leave the same places open", () => {
  const english = files().filter((path) => path.endsWith("/en.json"));
  assert.ok(english.length > 0);
  const places = (text) => [...text.matchAll(/\{[a-z_]+\}/g)].map(([one]) => one).sort();
  for (const path of english) {
    const en = JSON.parse(readFileSync(path, "utf8"));
    const de = JSON.parse(readFileSync(path.replace("en.json", "de.json"), "utf8"));
    assert.deepEqual(Object.keys(de).sort(), Object.keys(en).sort(), path);
    for (const name of Object.keys(en)) {
      assert.deepEqual(places(de[name]), places(en[name]), `${path}: ${name}`);
      for (const text of [en[name], de[name]]) {
        assert.doesNotMatch(text, /!|oops|something went wrong|please wait|bitte warten/i, name);
      }
    }
  }
});

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
