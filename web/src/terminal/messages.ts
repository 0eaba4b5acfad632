// What a terminal's two ends say to each other (docs/terminal.md): canonical JSON in text messages.
// The host is a stranger: what is read is bounded, and a message that is not understood is none.

export interface Size {
  columns: number;
  rows: number;
}
export interface Begin {
  session: string;
  offset: bigint;
  isNew: boolean;
  replayBytes: number;
}
export interface End {
  exitCode?: number;
  code: string;
  why: string;
}

const MOST = 1000;
const MAX_REPLAY = 16 << 20;
const MAX_TEXT = 64 << 10;

const bounded = (value: number) => Math.min(MOST, Math.max(1, Math.floor(value) || 1));
export const sizeOf = (columns: number, rows: number): Size => ({
  columns: bounded(columns),
  rows: bounded(rows),
});

export const resizeMessage = ({ columns, rows }: Size): string =>
  `{"columns":${columns},"rows":${rows},"type":"resize"}`;

export const isSession = (text: unknown): text is string =>
  typeof text === "string" && /^[0-9a-f]{16}$/.test(text);

function fieldsOf(text: string, type: string): Record<string, unknown> | undefined {
  if (text.length > MAX_TEXT) return undefined;
  try {
    const read = JSON.parse(text) as unknown;
    if (typeof read !== "object" || read === null || Array.isArray(read)) return undefined;
    const fields = read as Record<string, unknown>;
    return fields["type"] === type ? fields : undefined;
  } catch {
    return undefined;
  }
}

export function readBegin(text: string): Begin | undefined {
  const said = fieldsOf(text, "begin");
  const { session, offset, is_new: isNew, replay_bytes: replayBytes } = said ?? {};
  if (!isSession(session) || typeof isNew !== "boolean") return undefined;
  if (typeof offset !== "string" || !/^(0|[1-9][0-9]{0,19})$/.test(offset)) return undefined;
  const isCount =
    typeof replayBytes === "number" &&
    Number.isInteger(replayBytes) &&
    replayBytes >= 0 &&
    replayBytes <= MAX_REPLAY;
  return isCount ? { session, offset: BigInt(offset), isNew, replayBytes } : undefined;
}

const printable = (text: string) => text.slice(0, 500).replace(/[^\x20-\x7e]/g, "?");

export function readEnd(text: string): End | undefined {
  const said = fieldsOf(text, "end");
  const { exit_code: exitCode, code, why } = said ?? {};
  if (!said || typeof why !== "string") return undefined;
  const end: End = { code: typeof code === "string" ? code.slice(0, 64) : "", why: printable(why) };
  if (exitCode === undefined) return end;
  const isCode = typeof exitCode === "number" && Number.isInteger(exitCode);
  return isCode && exitCode >= 0 && exitCode <= 255 ? { ...end, exitCode } : undefined;
}
