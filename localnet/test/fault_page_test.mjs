/** The page about faults: its examples are taken, and no kind or variant is missing on it. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { kFrameVariants, kShapeVariants, kWrongVariants } from "../lib/faults/bad_json.mjs";
import { kKinds } from "../lib/faults/kinds.mjs";
import { call, network } from "./support.mjs";

const page = readFileSync(new URL("../../docs/localnet.md", import.meta.url), "utf8");
const contract = readFileSync(new URL("../../docs/contract.md", import.meta.url), "utf8");

test("every example on the page is a fault that the network takes", async (t) => {
  const net = await network(t, ["--nodes", "2"]);
  const examples = [...page.matchAll(/`(\{"kind":[^`]+\})`/g)].map(([, text]) => JSON.parse(text));
  const shown = new Set(examples.map(({ kind }) => kind));
  assert.deepEqual(Object.keys(kKinds).filter((kind) => !shown.has(kind)), []);
  for (const wish of examples) {
    const answer = await call(net.url, "obelisk_fault", wish);
    for (const [name, value] of Object.entries(wish)) assert.deepEqual(answer[name], value, name);
    await call(net.url, "obelisk_fault", { kind: "none" });
  }
});

test("the page names every variant, the contract every kind", () => {
  for (const [kind, variants] of [["json_wrong", kWrongVariants], ["json_shape", kShapeVariants],
    ["ws_wrong", kFrameVariants]]) {
    const row = page.split("\n").find((line) => line.startsWith(`| \`${kind}\``));
    for (const variant of variants) assert.ok(row.includes(variant), `${kind} ${variant}`);
  }
  const line = contract.split("\n").find((text) => text.includes("kinds are"));
  for (const kind of Object.keys(kKinds)) assert.ok(line.includes(kind), kind);
});
