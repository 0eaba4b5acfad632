import { expect, test } from "vitest";
import { notePaid, takeJustPaid } from "./memory.ts";

test("a payment opens the wallet for signing in once, and only for its own lease", () => {
  expect(takeJustPaid("L")).toBe(false);
  notePaid("L");
  expect(takeJustPaid("L")).toBe(true);
  expect(takeJustPaid("L")).toBe(false);
  notePaid("L");
  expect(takeJustPaid("other")).toBe(false);
  expect(takeJustPaid("L")).toBe(false);
});
