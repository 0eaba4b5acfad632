// The times a chart can show, each with a step that keeps it to some hundred points. Pure.
import type { Schemas } from "../../lib/api.ts";
import { withGaps, type Value } from "../../lib/chart/series.ts";

export type Point = Schemas["HistoryPoint"];

interface Range {
  days: number;
  step: "5m" | "hour" | "day";
  stepS: number;
  limit: number; // points on a page; 62 at most by day
  pages: number;
}

export const ranges = {
  day: { days: 1, step: "5m", stepS: 300, limit: 289, pages: 1 },
  week: { days: 7, step: "hour", stepS: 3_600, limit: 169, pages: 1 },
  month: { days: 30, step: "hour", stepS: 3_600, limit: 721, pages: 1 },
  year: { days: 365, step: "day", stepS: 86_400, limit: 62, pages: 6 },
} as const satisfies Record<string, Range>;
export type RangeName = keyof typeof ranges;
export const rangeNames = Object.keys(ranges) as RangeName[];

export interface Chosen {
  card: string; // "": the first that has something to show
  range: RangeName;
  simulated: boolean | undefined; // undefined: as the card's offers are
}

export function chosenOf(query: URLSearchParams): Chosen {
  const card = query.get("card") ?? "";
  const range = query.get("range") as RangeName | null;
  const simulated = query.get("simulated");
  return {
    card: /^[a-z0-9.-]{1,40}$/.test(card) ? card : "",
    range: range && rangeNames.includes(range) ? range : "week",
    simulated: simulated === "yes" ? true : simulated === "no" ? false : undefined,
  };
}

export function addressOf(chosen: Chosen): string {
  const query = new URLSearchParams();
  if (chosen.card !== "") query.set("card", chosen.card);
  if (chosen.range !== "week") query.set("range", chosen.range);
  if (chosen.simulated !== undefined) query.set("simulated", chosen.simulated ? "yes" : "no");
  const text = query.toString();
  return text === "" ? "/market" : `/market?${text}`;
}

// From whole steps to whole steps, so that all who look within one ask the same.
export function spanOf(range: RangeName, nowS: number): { from: number; to: number } {
  const { days, stepS } = ranges[range];
  const to = Math.ceil(nowS / stepS) * stepS;
  return { from: to - days * 86_400, to };
}

// The points as lines: one of each figure, broken where no sample was taken.
export function linesOf(
  points: readonly Point[],
  stepS: number,
  figures: readonly ((point: Point) => number | undefined)[],
): { times: number[]; lines: Value[][] } {
  const at = points.map((point) => Date.parse(point.at) / 1_000);
  const spread = withGaps(at, points, stepS);
  return {
    times: spread.times,
    lines: figures.map((figure) =>
      spread.values.map((point) => (point === null ? null : (figure(point) ?? null))),
    ),
  };
}

// How much of what was listed was used, over all points, in ten-thousandths.
export function usedBps(points: readonly Point[]): number | undefined {
  let used = 0;
  let listed = 0;
  for (const point of points) {
    used += point.used * point.samples;
    listed += point.listed * point.samples;
  }
  return listed > 0 ? Math.floor((used * 10_000) / listed) : undefined;
}
