// A lease's events as they are read: the newest first, and what only happened again in one line. Of
// the hours that a machine is served there is a proof a minute. Pure.
import type { Schemas } from "../../lib/api.ts";

type TrailEntry = Schemas["TrailEntry"];

export interface Line {
  entry: TrailEntry; // the newest of them
  times: number;
}

export function gathered(trail: readonly TrailEntry[]): Line[] {
  const lines: Line[] = [];
  for (const entry of trail) {
    const last = lines.at(-1);
    const isAgain = last?.entry.kind === entry.kind && last.entry.message === entry.message;
    if (last && isAgain) lines[lines.length - 1] = { entry, times: last.times + 1 };
    else lines.push({ entry, times: 1 });
  }
  return lines.reverse();
}
