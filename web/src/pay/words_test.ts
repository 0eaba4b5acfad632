import { expect, test } from "vitest";
import checkoutDe from "../views/checkout/de.json";
import checkoutEn from "../views/checkout/en.json";
import programDe from "../views/program/de.json";
import programEn from "../views/program/en.json";
import readyDe from "../views/ready/de.json";
import readyEn from "../views/ready/en.json";
import walletDe from "../wallet/de.json";
import walletEn from "../wallet/en.json";
import de from "./de.json";
import en from "./en.json";
import { CHECKS, Refusal } from "./refusal.ts";
import { inWords } from "./words.ts";

type Words = Record<string, string>;
const areas: [string, Words, Words][] = [
  ["pay", en, de],
  ["wallet", walletEn, walletDe],
  ["checkout", checkoutEn, checkoutDe],
  ["ready", readyEn, readyDe],
  ["program", programEn, programDe],
];

test.each(areas)("both languages of %s have the same names and places", (_, english, german) => {
  expect(Object.keys(german)).toEqual(Object.keys(english));
  const placesOf = (text = "") => (text.match(/\{[^}]*\}/g) ?? []).sort();
  for (const [name, text] of Object.entries(english)) {
    expect(placesOf(german[name]), name).toEqual(placesOf(text));
    expect(
      placesOf(text).every((place) => /^\{[a-z_]+\}$/.test(place)),
      name,
    ).toBe(true);
  }
});

test.each(areas)("the voice of %s is calm in both", (_, english, german) => {
  for (const text of [...Object.values(english), ...Object.values(german)]) {
    expect(text).not.toMatch(/!|oops|something went wrong|please|bitte /i);
  }
});

test("every check has its words, and says that it cost nothing", () => {
  for (const check of CHECKS) {
    expect(en).toHaveProperty([`check.${check}`]);
    const said = inWords(new Refusal(check, "seconds"));
    expect(said).toMatchObject({ chargedLamports: 0n });
    expect((said as Error).message).toContain(check);
  }
  const other = new Error("x");
  expect(inWords(other)).toBe(other);
});
