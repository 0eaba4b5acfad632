import { expect, it } from "vitest";
import {
  cardsOf,
  coresText,
  drawingsOf,
  joined,
  rateText,
  sizeText,
  timesOf,
  type Reading,
} from "./readings.ts";

const row = (at: number, more: Partial<Reading> = {}): Reading => ({
  at_ms: at * 1000,
  seconds: 10,
  ...more,
});
const words = {
  card: (number: number) => `card ${number}`,
  cores: "cores",
  memory: "memory",
  disk: "disk",
  received: "in",
  sent: "out",
};

it("joins rows in order, each time once, and lets the oldest go", () => {
  const rows = joined([row(10), row(20, { processes: 1 })], [row(20, { processes: 2 }), row(30)]);
  expect(timesOf(rows)).toEqual([10, 20, 30]);
  expect(rows[1]?.processes).toBe(2);
  const many = Array.from({ length: 3000 }, (_, i) => row(i));
  expect(joined([], many)).toHaveLength(1200);
  expect(joined([], many).at(-1)?.at_ms).toBe(2_999_000);
});

it("draws a line a card, and a gap where nothing was measured", () => {
  const rows = [
    row(0, { gpus: [{ uuid: "a", use_percent: 50 }], cpu_milli: 1500 }),
    row(10, { gpus: [{ uuid: "b", use_percent: 7 }, { uuid: "a" }] }),
  ];
  expect(cardsOf(rows)).toEqual(["a", "b"]);
  const { gpu, cpu, network } = drawingsOf(rows, words);
  expect(gpu.map((one) => [one.label, one.values])).toEqual([
    ["card 1", [50, null]],
    ["card 2", [null, 7]],
  ]);
  expect(cpu[0]?.values).toEqual([1.5, null]);
  expect(network.map((one) => one.values)).toEqual([
    [null, null],
    [null, null],
  ]);
});

it("says small figures too", () => {
  expect([0, 640, 2_400_000, 40 * 1024 ** 3].map(sizeText)).toEqual([
    "0 B",
    "640 B",
    "2.3 MB",
    "40 GB",
  ]);
  expect(rateText(1024)).toBe("1.0 kB/s");
  expect([0, 0.0123, 0.5, 12.4].map(coresText)).toEqual(["0.0", "0.01", "0.5", "12"]);
});
