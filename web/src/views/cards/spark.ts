// The line of a card's price over some days, as the path of a small drawing. Pure.

export interface Point {
  at: number; // unix seconds, rising
  value: number;
}

export interface Spark {
  path: string;
  last: { x: number; y: number };
}

// Within width by height, with room for the stroke. The line is broken where nobody looked for more
// than a step and a half. One price alone is a short line, so that it can be seen.
export function sparkOf(
  points: readonly Point[],
  from: number,
  to: number,
  stepS: number,
  width: number,
  height: number,
): Spark | undefined {
  const shown = points.filter((point) => point.at >= from && point.at <= to);
  const final = shown.at(-1);
  if (!final || to <= from) return undefined;
  let least = Infinity;
  let most = -Infinity;
  for (const { value } of shown) {
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  const EDGE = 2;
  const round = (value: number) => Math.round(value * 10) / 10;
  const x = (at: number) => round(EDGE + ((at - from) / (to - from)) * (width - 2 * EDGE));
  // A price that did not move lies in the middle.
  const y = (value: number) =>
    round(
      most === least ? height / 2 : EDGE + ((most - value) / (most - least)) * (height - 2 * EDGE),
    );
  const parts: string[] = [];
  shown.forEach((point, i) => {
    const before = shown[i - 1];
    const next = shown[i + 1];
    const isNew = !before || point.at - before.at > stepS * 1.5;
    const isAlone = isNew && (!next || next.at - point.at > stepS * 1.5);
    parts.push(`${isNew ? "M" : "L"}${x(point.at)} ${y(point.value)}`);
    if (isAlone) parts.push(`h1.5`);
  });
  return { path: parts.join(""), last: { x: x(final.at), y: y(final.value) } };
}
