import { expect, test } from "vitest";
import en from "./en.json";
import { CHECKS, Refusal } from "./refusal.ts";
import { inWords } from "./words.ts";

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
