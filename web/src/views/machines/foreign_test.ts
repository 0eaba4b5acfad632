import { expect, it } from "vitest";
import { harmless } from "./foreign.ts";

it("shows control characters instead of obeying them", () => {
  expect(harmless("a\u001b[2J\u0000b\u007f\u009bc")).toBe("a␛[2J␀b␡\ufffdc");
  expect(harmless("a\r\nb\tc", 100, true)).toBe("a␍\nb\tc");
  expect(harmless("a\nb")).toBe("a␊b");
});

it("takes the direction from nobody else's text", () => {
  expect(harmless("x\u202egnp.exe\u2066y\u200f")).toBe("x\ufffdgnp.exe\ufffdy\ufffd");
  expect(harmless("שלום")).toBe("שלום");
});

it("is bounded", () => {
  expect(harmless("a".repeat(4000), 80)).toHaveLength(81);
});
