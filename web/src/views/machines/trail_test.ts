import { expect, it } from "vitest";
import { gathered } from "./trail.ts";

const entry = (seq: number, kind: string, message = kind) => ({ seq, at: "", kind, message });

it("says once what only happened again, the newest first", () => {
  const trail = [
    entry(1, "ready_confirmed"),
    entry(2, "attested"),
    entry(3, "attested"),
    entry(4, "trouble", "hot"),
    entry(5, "trouble", "full"),
    entry(6, "attested"),
  ];
  expect(gathered(trail).map(({ entry: one, times }) => [one.seq, times])).toEqual([
    [6, 1],
    [5, 1],
    [4, 1],
    [3, 2],
    [1, 1],
  ]);
  expect(gathered([])).toEqual([]);
});
