// Whom to tell of a weakness, read from the deployed program as explorers read it: between two
// markers that stand in the file once, and through the section that points there.
import assert from "node:assert/strict";
import { test } from "node:test";

import { kit } from "../client/deps.mjs";
import { elf, World } from "./harness.mjs";

const LOADER = "BPFLoaderUpgradeab1e11111111111111111111111";
const PROGRAM_DATA_HEADER = 45;
const BEGIN = "=======BEGIN SECURITY.TXT V1=======\0";
const END = "=======END SECURITY.TXT V1=======\0";
const REQUIRED = ["name", "project_url", "contacts", "policy"];
const KNOWN = [...REQUIRED, "preferred_languages", "encryption", "source_code", "source_release",
  "source_revision", "auditors", "acknowledgements", "expiry"];
const CONTACTS = ["email", "link", "discord", "telegram", "twitter", "other"];

function fieldsIn(bytes) {
  const text = Buffer.from(bytes).toString("latin1");
  assert.equal(text.split(BEGIN).length, 2, "the first marker stands in the file once");
  assert.equal(text.split(END).length, 2, "the last marker stands in the file once");
  const parts = text.split(BEGIN)[1].split(END)[0].split("\0");
  assert.equal(parts.pop(), "", "the last value is ended by a zero");
  assert.equal(parts.length % 2, 0, "keys and values come in pairs");
  const keys = parts.filter((_, i) => i % 2 === 0);
  assert.equal(new Set(keys).size, keys.length, "no key stands there twice");
  return Object.fromEntries(keys.map((key, i) => [key, parts[2 * i + 1]]));
}

test("explorers find it in the deployed program's account", async () => {
  const world = await World.make("mainnet");
  const [at] = await kit.getProgramDerivedAddress({
    programAddress: LOADER, seeds: [kit.getAddressEncoder().encode(world.program)],
  });
  const deployed = world.svm.getAccount(at).data.slice(PROGRAM_DATA_HEADER);
  assert.deepEqual(Buffer.from(deployed.slice(0, elf.length)), Buffer.from(elf));
  const fields = fieldsIn(deployed);
  for (const name of REQUIRED) assert.ok(fields[name], `${name} is required`);
  for (const name of Object.keys(fields)) assert.ok(KNOWN.includes(name), `${name} is unknown`);
  for (const contact of fields.contacts.split(",")) {
    assert.ok(CONTACTS.includes(contact.split(":")[0]), contact);
  }
});

test("it names no address that does not exist", () => {
  const text = Object.values(fieldsIn(elf)).join(" ");
  assert.doesNotMatch(text, /https?:|www\.|@|\.(com|org|io|dev|net)\b/);
});

// {address, length} of the text, both 64 bits. In version 3 the constants lie at the address 0.
test("the section .security.txt points at the text", () => {
  const file = Buffer.from(elf);
  const word = (at) => Number(file.readBigUInt64LE(at));
  const table = word(40);
  const header = (i) => table + 64 * i;
  const names = word(header(file.readUInt16LE(62)) + 24);
  const named = Array.from({ length: file.readUInt16LE(60) }, (_, i) => i).map((i) => {
    const start = names + file.readUInt32LE(header(i));
    return [file.toString("latin1", start, file.indexOf(0, start)), header(i)];
  });
  const sections = Object.fromEntries(named);
  const section = sections[".security.txt"];
  const constants = sections[".rodata"];
  assert.ok(section && constants);
  assert.equal(word(section + 32), 16);
  const [address, length] = [0, 8].map((at) => word(word(section + 24) + at));
  const start = word(constants + 24) + address - word(constants + 16);
  const text = file.toString("latin1", start, start + length);
  assert.ok(text.startsWith(BEGIN) && text.endsWith(END));
});
