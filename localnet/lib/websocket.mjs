/**
 * The WebSocket side: subscriptions only, as on a node. A socket that does not read is dropped when
 * what waits for it passes a bound, so that one slow reader costs no other anything.
 */
import { WebSocketServer } from "ws";
import { writeJson } from "./json.mjs";

const kMessageLimit = 1 << 20;
const kBufferLimit = 16 << 20;
const kSocketsLimit = 1000;
const kTooManySockets = 1013;

/**
 * @param {{server: import("node:http").Server, ledger: import("./ledger.mjs").Ledger,
 *   dispatcher: import("./rpc/dispatch.mjs").Dispatcher,
 *   subscriptions: import("./subscriptions.mjs").Subscriptions, bufferLimit?: number}} parts
 */
export function createWebSocket({
  server, ledger, dispatcher, subscriptions, bufferLimit = kBufferLimit,
}) {
  const sockets = new WebSocketServer({ server, maxPayload: kMessageLimit });
  // The server's own errors come here too; who listens on its port is told already.
  sockets.on("error", () => {});
  sockets.on("connection", (socket) => {
    if (sockets.clients.size > kSocketsLimit) {
      socket.close(kTooManySockets, "too many sockets");
      return;
    }
    const sendText = (text) => {
      socket.send(text);
      if (socket.bufferedAmount > bufferLimit) socket.terminate();
    };
    const caller = { send: (value) => sendText(writeJson(value)) };
    socket.on("message", (data) => {
      ledger.advance();
      const text = dispatcher.answer(dispatcher.parse(data.toString("utf8")), caller);
      if (text !== null) sendText(text);
    });
    socket.on("close", () => subscriptions.drop(caller));
    // A broken frame or a reset: "close" follows and does the cleaning.
    socket.on("error", () => socket.terminate());
  });
  return sockets;
}
