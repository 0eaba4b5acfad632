import { expect, test } from "vitest";
import { solAtMost, solText, usdAtMost, usdBeside } from "./money.ts";

test("an amount is rounded half up, and a maximum never down", () => {
  expect(solText(3_085_088n)).toBe("0.003085");
  expect(solAtMost(3_085_088n)).toBe("0.003086");
  expect(solText(3_085_500n)).toBe("0.003086");
  expect(solAtMost(3_085_000n)).toBe("0.003085");
  expect(solAtMost(9_999_001n)).toBe("0.01");
  expect(solAtMost(12_345_000_000_001n)).toBe("12350");
  for (const lamports of [0n, 1n, 9_999n]) expect(solAtMost(lamports)).toBe(solText(lamports));
});

test("dollars beside an amount are whole cents, and never more exact than that", () => {
  const rate = 187_200_000n; // of one SOL
  expect(usdBeside(2_243_590n, rate)).toBe("≈ $0.42");
  expect(usdBeside(1_000_000_000n, rate)).toBe("≈ $187.20");
  expect(usdBeside(53_418n, rate)).toBe("< $0.01");
  expect(usdBeside(53_419n, rate)).toBe("≈ $0.01");
  expect(usdBeside(1n, rate)).toBe("< $0.01");
  expect(usdBeside(0n, rate)).toBe("$0.00");
});

test("dollars beside a maximum are never fewer than may be taken", () => {
  const rate = 140_000_000n;
  // 3,085,088 lamports are $0.43191: a cent of it is rounded up, not to the nearest.
  expect(usdAtMost(3_085_088n, rate)).toBe("$0.44");
  expect(usdAtMost(3_071_429n, rate)).toBe("$0.44"); // $0.43000006
  expect(usdAtMost(3_071_428n, rate)).toBe("$0.43"); // $0.42999992
  expect(usdAtMost(1_000_000_000n, rate)).toBe("$140.00");
  expect(usdAtMost(1n, rate)).toBe("$0.01");
  expect(usdAtMost(0n, rate)).toBe("$0.00");
  for (let lamports = 3_000_000n; lamports < 3_100_000n; lamports += 997n) {
    const cents = BigInt(usdAtMost(lamports, rate).replace(/[$.]/g, ""));
    expect(cents * 10_000n * 1_000_000_000n).toBeGreaterThanOrEqual(lamports * rate);
  }
});
