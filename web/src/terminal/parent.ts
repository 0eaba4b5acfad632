// What the terminal's own document and the page around it say to each other by postMessage. The
// page has the wallet, the session and the words; the document has the screen, and is sandboxed:
// nothing in it reaches what the page keeps.

// How the messages of a sandboxed document name their origin. The market's policy sandboxes it, and
// so does the frame: one that says another origin is not it.
export const SANDBOXED = "null";

// From the page.
export interface Open {
  type: "open";
  ways: readonly string[]; // wss: addresses, the preferred one first
  pass: string;
  session: string; // "": a new one
  label: string; // what screen readers call the input
}
export interface Focus {
  type: "focus";
}
// From the document.
export type Told =
  | { type: "hello" }
  | { type: "connecting" }
  | { type: "there"; session: string; isNew: boolean }
  | { type: "lost"; waitMs: number }
  | { type: "ended"; exitCode?: number; code: string; why: string }
  | { type: "leave" }; // the keys that lead out of it were pressed

const isText = (value: unknown, most: number): value is string =>
  typeof value === "string" && value.length <= most;

export function readOpen(data: unknown): Open | undefined {
  const { type, ways, pass, session, label } = (data ?? {}) as Partial<Record<keyof Open, unknown>>;
  if (type !== "open" || !Array.isArray(ways) || ways.length === 0 || ways.length > 4)
    return undefined;
  const areWays = ways.every((one) => isText(one, 500) && /^wss?:\/\//.test(one));
  if (!areWays || !isText(pass, 200) || !/^[A-Za-z0-9_-]+$/.test(pass)) return undefined;
  if (!isText(session, 16) || !isText(label, 200)) return undefined;
  return { type, ways: ways as string[], pass, session, label };
}

export const isFocus = (data: unknown): data is Focus =>
  (data as Partial<Focus> | null)?.type === "focus";

// Whether a message is of the one window that one talks to, and of that origin.
export const isFrom = (
  event: { origin: string; source: unknown },
  origin: string,
  window: unknown,
): boolean => event.origin === origin && event.source === window && window !== null;
