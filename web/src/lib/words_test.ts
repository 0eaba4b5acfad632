// Every text of the page, in both languages.
import { describe, expect, it } from "vitest";

type Words = Record<string, string>;
const read = (files: Record<string, unknown>) =>
  Object.entries(files as Record<string, Words>).map(([path, words]) => ({ path, words }));
// The patterns and options are read by Vite as they stand here.
const english = read(import.meta.glob("../**/en.json", { eager: true, import: "default" }));
const german = read(import.meta.glob("../**/de.json", { eager: true, import: "default" }));
const places = (text: string) => (text.match(/\{[^}]*\}/g) ?? []).sort();

// One word for one thing, and no "du". A host key is SSH's own word, and stays.
const WRONG: readonly [RegExp, string][] = [
  [/\bHosts?\b(?!-Schlüssel)/, "Vermieter"],
  [/\bWache\b/, "Wächter"],
  [/\bEinlage\b/, "Pfand"],
  [/[Bb]eweis|bewiesen/, "Nachweis"],
  [/\bQuittung\b/, "Beleg"],
  [/[Aa]bhol|[Aa]bgeholt/, "auszahlen"],
  [/\b[Ss]topp/, "beenden"],
  [/Preisangebot|(?<!Preis)\bZusage\b/, "Preiszusage"],
  [/\b([Dd]u|[Dd]ir|[Dd]ich|[Dd]ein(e[mnrs]?)?)\b/, "Sie"],
  [/\bMarkts\b/, "Marktes"],
];

describe("the page's words", () => {
  it("have the same names and places in both languages", () => {
    expect(german.length).toBeGreaterThan(10);
    expect(german).toHaveLength(english.length);
    german.forEach(({ path, words }, i) => {
      const other = english[i]?.words ?? {};
      expect(Object.keys(words), path).toEqual(Object.keys(other));
      for (const [name, text] of Object.entries(words))
        expect(places(text), `${path} ${name}`).toEqual(places(other[name] ?? ""));
    });
  });
  it("are calm in both", () => {
    for (const { path, words } of [...english, ...german])
      for (const [name, text] of Object.entries(words)) {
        expect(text, `${path} ${name}`).not.toMatch(/!|oops|something went wrong|please|bitte /i);
        expect(
          places(text).every((one) => /^\{[a-z_]+\}$/.test(one)),
          `${path} ${name}`,
        ).toBe(true);
      }
  });
  it("are the same German ones everywhere", () => {
    for (const { path, words } of german)
      for (const [name, text] of Object.entries(words))
        for (const [wrong, right] of WRONG)
          expect(wrong.exec(text)?.[0], `${path} ${name}: ${right}`).toBeUndefined();
  });
});
