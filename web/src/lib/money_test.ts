import { expect, test } from "vitest";
import { solAtMost, solText } from "./money.ts";

test("an amount is rounded half up, and a maximum never down", () => {
  expect(solText(3_085_088n)).toBe("0.003085");
  expect(solAtMost(3_085_088n)).toBe("0.003086");
  expect(solText(3_085_500n)).toBe("0.003086");
  expect(solAtMost(3_085_000n)).toBe("0.003085");
  expect(solAtMost(9_999_001n)).toBe("0.01");
  expect(solAtMost(12_345_000_000_001n)).toBe("12350");
  for (const lamports of [0n, 1n, 9_999n]) expect(solAtMost(lamports)).toBe(solText(lamports));
});
