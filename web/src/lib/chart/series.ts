// What a chart shows, and what is said of it in words. Pure.
import { dayText, hourText } from "../moment.ts";

export type Value = number | null; // null: nobody looked, so the line is broken there

export interface Series {
  label: string;
  values: readonly Value[];
  unit: (value: number) => string; // with its unit: "$1.38", "12 cards"
  old?: boolean; // drawn lighter
}

export interface Summary {
  first: number;
  last: number;
  least: number;
  most: number;
}

// Undefined where no value is known.
export function summaryOf(values: readonly Value[]): Summary | undefined {
  const known = values.filter((value) => value !== null);
  const first = known[0];
  const last = known.at(-1);
  if (first === undefined || last === undefined) return undefined;
  let least = first;
  let most = first;
  for (const value of known) {
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  return { first, last, least, most };
}

// Puts an empty place wherever more than one step lies between two times: a line is never drawn
// over a time in which nobody looked. Times are seconds in rising order.
export function withGaps<T>(
  times: readonly number[],
  values: readonly T[],
  stepS: number,
): { times: number[]; values: (T | null)[] } {
  const out = { times: [] as number[], values: [] as (T | null)[] };
  times.forEach((time, i) => {
    const before = times[i - 1];
    if (before !== undefined && time - before > stepS * 1.5) {
      out.times.push(before + stepS);
      out.values.push(null);
    }
    out.times.push(time);
    out.values.push(values[i] ?? null);
  });
  return out;
}

// The places of values with nothing known on either side: a line has no length there, so they are
// drawn as points.
export function aloneOf(values: readonly Value[]): number[] {
  return values.flatMap((value, i) =>
    value !== null && (values[i - 1] ?? null) === null && (values[i + 1] ?? null) === null
      ? [i]
      : [],
  );
}

// The dash of the i-th line, so that no two are told apart by their colour alone.
export function dashOf(i: number): number[] {
  return [[], [7, 4], [2, 3], [10, 3, 2, 3]][i % 4] ?? [];
}

// How many pixels the axis needs beside its longest label.
export function axisWidth(labels: readonly string[] | null): number {
  const longest = Math.max(0, ...(labels ?? []).map((label) => label.length));
  return Math.max(32, 20 + longest * 8);
}

const DAY_S = 86_400;

// A time on the axis: the hour where the chart shows two days or less, else the day.
export function timeText(seconds: number, spanS: number, language: string): string {
  return spanS <= 2 * DAY_S ? hourText(seconds, language) : dayText(seconds, language);
}
