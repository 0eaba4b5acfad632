/**
 * The WebSocket side: subscriptions only, as on a node. A socket that does not read is dropped when
 * what waits for it passes a bound, so that one slow reader costs no other anything.
 */
import { WebSocketServer } from "ws";
import { Line } from "./faults/sockets.mjs";
import { writeJson } from "./json.mjs";

const kMessageLimit = 1 << 20;
const kBufferLimit = 16 << 20;
const kSocketsLimit = 1000;
const kTooManySockets = 1013;

/** "accountNotification" is of what "accountSubscribe" made. */
const methodOf = ({ method }) => method.replace(/Notification$/, "Subscribe");

/** Lets the faults at the lines of a server; returns the set that holds the open ones. */
function linesUnder(faults, node) {
  /** @type {Set<Line>} */
  const lines = new Set();
  const act = (deed) => (fault) => {
    if (fault.node !== null && fault.node !== node) return 0;
    const hit = [...lines];
    for (const line of hit) deed(line, fault);
    return hit.length;
  };
  faults.onAct("ws_cut", act((line) => line.cut()));
  faults.onAct("ws_stall", act((line, { options }) => line.stall(options.ms)));
  faults.on("cleared", (kind) => {
    if (kind === null || kind === "ws_stall") for (const line of lines) line.flow();
  });
  return lines;
}

/**
 * @param {{server: import("node:http").Server, ledger: import("./node.mjs").Node,
 *   faults: import("./faults/faults.mjs").Faults,
 *   dispatcher: import("./rpc/dispatch.mjs").Dispatcher,
 *   subscriptions: import("./subscriptions.mjs").Subscriptions, bufferLimit?: number}} parts
 */
export function createWebSocket({
  server, ledger, faults, dispatcher, subscriptions, bufferLimit = kBufferLimit,
}) {
  const node = ledger.number;
  const lines = linesUnder(faults, node);
  const sockets = new WebSocketServer({
    server, maxPayload: kMessageLimit, autoPong: false,
    verifyClient: (_, take) => take(faults.strikes("ws_refuse", { node }) === null, 503),
  });
  // The server's own errors come here too; who listens on its port is told already.
  sockets.on("error", () => {});
  sockets.on("connection", (socket) => {
    if (sockets.clients.size > kSocketsLimit) {
      socket.close(kTooManySockets, "too many sockets");
      return;
    }
    const line = new Line(socket, { faults, node, bufferLimit });
    lines.add(line);
    const caller = { send: (value) => line.notify(writeJson(value), methodOf(value)) };
    socket.on("ping", (data) => line.pong(data));
    socket.on("message", (data) => {
      ledger.advance();
      const parsed = dispatcher.parse(data.toString("utf8"));
      const text = dispatcher.answer(parsed, caller);
      if (text !== null) line.answer(text, parsed.names);
    });
    socket.on("close", () => {
      subscriptions.drop(caller);
      lines.delete(line);
      line.end();
    });
    // A broken frame or a reset: "close" follows and does the cleaning.
    socket.on("error", () => socket.terminate());
  });
  return sockets;
}
