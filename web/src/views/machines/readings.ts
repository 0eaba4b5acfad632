// What a lease uses, as rows that are joined from one asking to the next, and as the series that
// are drawn. Bounded: the oldest rows go. Pure.
import type { Schemas } from "../../lib/api.ts";
import type { Series } from "../../lib/chart/series.ts";

export type Reading = Schemas["Reading"];
export type Readings = Schemas["Readings"];

// A day in rows of two minutes and its last hour in rows of ten seconds is 1 050.
const MOST_ROWS = 1200;

// New rows behind those that are there; the host's word counts where it says a time again.
export function joined(rows: readonly Reading[], more: readonly Reading[]): Reading[] {
  const byTime = new Map(rows.map((row) => [row.at_ms, row]));
  for (const row of more) if (Number.isFinite(row.at_ms)) byTime.set(row.at_ms, row);
  return [...byTime.values()].sort((a, b) => a.at_ms - b.at_ms).slice(-MOST_ROWS);
}

export const timesOf = (rows: readonly Reading[]): number[] =>
  rows.map((row) => Math.round(row.at_ms / 1000));

const finite = (value: number | undefined, scale = 1): number | null =>
  value !== undefined && Number.isFinite(value) ? value * scale : null;

const percent = (value: number) => `${Math.round(value)} %`;

// "640 B", "2.3 MB", "12 GB": by 1024, as the machine itself counts its memory and disk.
export function sizeText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < 4) {
    value /= 1024;
    unit += 1;
  }
  return `${figure(value, unit > 0)} ${["B", "kB", "MB", "GB", "TB"][unit]}`;
}
export const rateText = (bytes: number): string => `${sizeText(bytes)}/s`;

// A machine that does nothing still uses something: small figures keep two places.
export const coresText = (cores: number): string =>
  cores > 0 && cores < 0.1 ? cores.toPrecision(1) : figure(cores, true);
const figure = (value: number, hasParts: boolean) =>
  hasParts && value < 10 ? value.toFixed(1) : String(Math.round(value));

type Gpu = Schemas["GpuReading"];
export interface Words {
  card: (number: number) => string;
  cores: string;
  memory: string;
  disk: string;
  received: string;
  sent: string;
}

// A line for each card, in the order in which the host first named them.
export function cardsOf(rows: readonly Reading[]): string[] {
  const seen = new Set<string>();
  for (const row of rows) for (const gpu of row.gpus ?? []) if (seen.size < 16) seen.add(gpu.uuid);
  return [...seen];
}

function cardSeries(
  rows: readonly Reading[],
  words: Words,
  value: (gpu: Gpu) => number | null,
  unit: Series["unit"],
): Series[] {
  return cardsOf(rows).map((uuid, i) => ({
    label: words.card(i + 1),
    unit,
    values: rows.map((row) => {
      const gpu = row.gpus?.find((one) => one.uuid === uuid);
      return gpu ? value(gpu) : null;
    }),
  }));
}

const single = (
  rows: readonly Reading[],
  label: string,
  value: (row: Reading) => number | null,
  unit: Series["unit"],
): Series => ({ label, unit, values: rows.map(value) });

export interface Drawings {
  gpu: Series[];
  gpuMemory: Series[];
  watts: Series[];
  cpu: Series[];
  memory: Series[];
  disk: Series[];
  network: Series[];
}

export function drawingsOf(rows: readonly Reading[], words: Words): Drawings {
  const watts = (value: number) => `${Math.round(value)} W`;
  return {
    gpu: cardSeries(rows, words, (gpu) => finite(gpu.use_percent), percent),
    gpuMemory: cardSeries(rows, words, (gpu) => finite(gpu.memory_used_bytes), sizeText),
    watts: cardSeries(rows, words, (gpu) => finite(gpu.milliwatts, 1e-3), watts),
    cpu: [single(rows, words.cores, (row) => finite(row.cpu_milli, 1e-3), coresText)],
    memory: [single(rows, words.memory, (row) => finite(row.memory_bytes), sizeText)],
    disk: [single(rows, words.disk, (row) => finite(row.disk_used_bytes), sizeText)],
    network: [
      single(rows, words.received, (row) => finite(row.received_bytes_per_s), rateText),
      single(rows, words.sent, (row) => finite(row.sent_bytes_per_s), rateText),
    ],
  };
}
