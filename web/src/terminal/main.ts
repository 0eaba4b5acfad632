// The terminal's own document, in a frame of the page. xterm writes style elements, which the
// page's policy does not allow; this document has a policy of its own. It has no wallet and no
// words: the page around it signs the pass and says what state the terminal is in.
import "@xterm/xterm/css/xterm.css";
import "./terminal.css";
import { FitAddon } from "@xterm/addon-fit";
import { Terminal } from "@xterm/xterm";
import { Conversation } from "./conversation.ts";
import { readBegin, readEnd, resizeMessage, sizeOf } from "./messages.ts";
import { isFocus, isFrom, readOpen, type Open, type Told } from "./parent.ts";

const FONT = '"Obelisk Mono", ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace';
// This document is sandboxed, its own origin is none: the page around it is where it came from.
const PAGE = new URL(document.URL).origin;
const MAX_MESSAGE = 32 << 10; // the protocol takes twice that
// What xterm has not drawn yet. Beyond it the connection is cut, and the host asked again later.
const MOST_WAITING = 16 << 20;

const terminal = new Terminal({
  fontFamily: FONT,
  fontSize: window.innerWidth < 480 ? 12 : 14,
  lineHeight: 1.2,
  cursorBlink: false,
  scrollback: 5000,
  theme: { background: "#0e0f11", foreground: "#f6f4ef", cursor: "#e9a23b" },
});
const fit = new FitAddon();
let talk = new Conversation();
let socket: WebSocket | undefined;
let opened: Open | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;
let waiting = 0;

function tell(message: Told): void {
  if (window.parent !== window) window.parent.postMessage(message, PAGE);
}

function size() {
  return sizeOf(terminal.cols, terminal.rows);
}

function connect(): void {
  clearTimeout(timer);
  const way = opened && talk.next(opened.ways);
  if (!opened || way === undefined) return;
  tell({ type: "connecting" });
  let next: WebSocket;
  try {
    // The first is chosen by the host: a browser closes a socket for which none of its own was.
    const protocols = ["obelisk-terminal", `obelisk-pass.${opened.pass}`];
    next = new WebSocket(`${way}/?${talk.query(size())}`, protocols);
  } catch {
    return later();
  }
  next.binaryType = "arraybuffer";
  socket = next;
  next.onmessage = ({ data }: MessageEvent<unknown>) => {
    if (socket !== next) return;
    if (typeof data === "string") hear(data);
    else if (data instanceof ArrayBuffer) show(new Uint8Array(data));
  };
  // An error is always followed by a close.
  next.onclose = () => {
    if (socket === next) later();
  };
}

function drop(): void {
  const old = socket;
  socket = undefined;
  old?.close();
}

function later(): void {
  drop();
  const waitMs = talk.lost();
  tell({ type: "lost", waitMs });
  timer = setTimeout(connect, waitMs);
}

function hear(text: string): void {
  const begin = readBegin(text);
  if (begin) {
    talk.begin(begin);
    tell({ type: "there", session: begin.session, isNew: begin.isNew });
    // The window may have changed its size on the way.
    socket?.send(resizeMessage(size()));
    return;
  }
  const end = readEnd(text);
  if (!end) return;
  opened = undefined;
  talk.isThere = false;
  drop();
  tell({ type: "ended", ...end });
}

function show(bytes: Uint8Array): void {
  talk.took(bytes.length);
  waiting += bytes.length;
  terminal.write(bytes, () => {
    waiting -= bytes.length;
  });
  if (waiting > MOST_WAITING) later();
}

// While nothing is connected keys are dropped: they would come to a shell that nobody sees.
function type(bytes: Uint8Array<ArrayBuffer>): void {
  if (!talk.isThere || socket?.readyState !== WebSocket.OPEN) return;
  for (let at = 0; at < bytes.length; at += MAX_MESSAGE)
    socket.send(bytes.subarray(at, at + MAX_MESSAGE));
}

// The keys that lead out, since every other one belongs to the shell; and Ctrl+C copies what is
// marked. The browser's own keys for pasting are left to it.
function isForShell(event: KeyboardEvent): boolean {
  if (event.type !== "keydown") return true;
  if (event.ctrlKey && event.shiftKey && event.code === "Period") {
    event.preventDefault();
    terminal.blur();
    tell({ type: "leave" });
    return false;
  }
  const isPaste = event.ctrlKey && event.shiftKey && event.code === "KeyV";
  const isCopy = event.ctrlKey && !event.altKey && event.code === "KeyC" && terminal.hasSelection();
  if (isCopy) setTimeout(() => terminal.clearSelection(), 0);
  return !isPaste && !isCopy;
}

function begin(wanted: Open): void {
  drop();
  clearTimeout(timer);
  opened = wanted;
  // The same session goes on where it was, with the screen as it is.
  if (wanted.session === "" || wanted.session !== talk.session) {
    talk = new Conversation(wanted.session);
    terminal.reset();
  }
  terminal.textarea?.setAttribute("aria-label", wanted.label);
  connect();
  terminal.focus();
}

async function start(): Promise<void> {
  const screen = document.getElementById("screen");
  if (!screen) return;
  // xterm measures one letter: the face has to be there before.
  await document.fonts.load(`14px ${FONT}`).catch(() => []);
  terminal.loadAddon(fit);
  terminal.open(screen);
  fit.fit();
  terminal.attachCustomKeyEventHandler(isForShell);
  terminal.onData((text) => type(new TextEncoder().encode(text)));
  terminal.onBinary((text) => type(Uint8Array.from(text, (c) => c.charCodeAt(0))));
  terminal.onResize(() => {
    if (talk.isThere) socket?.send(resizeMessage(size()));
  });
  new ResizeObserver(() => {
    if (screen.clientWidth > 0) fit.fit();
  }).observe(screen);
  window.addEventListener("message", (event) => {
    if (!isFrom(event, PAGE, window.parent)) return;
    if (isFocus(event.data)) terminal.focus();
    const wanted = readOpen(event.data);
    if (wanted) begin(wanted);
  });
  // Back online, or looked at again: no need to wait for the pause to end.
  window.addEventListener("online", () => {
    if (opened && !socket) connect();
  });
  tell({ type: "hello" });
}

void start();
