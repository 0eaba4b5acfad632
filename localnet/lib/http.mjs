/**
 * The HTTP side: POST a JSON-RPC body to /, GET /health. Bounded in size and time; open to pages of
 * any origin, as a node's RPC is, because it holds nothing that is anyone's.
 */
import { createServer } from "node:http";
import { writeJson } from "./json.mjs";

const kBodyLimit = 1 << 20;
const kRequestTimeoutMs = 30_000;
const kCors = Object.freeze({
  "access-control-allow-origin": "*",
  "access-control-allow-methods": "POST, GET, OPTIONS",
  "access-control-allow-headers": "*",
  "access-control-max-age": "86400",
});

/** The body's text; null where it is larger than the limit. */
async function bodyOf(request) {
  const parts = [];
  let size = 0;
  for await (const part of request) {
    size += part.length;
    if (size > kBodyLimit) return null;
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}

/** @param {string|Buffer} text */
function reply(response, status, text, headers = {}) {
  const json = status === 200 || /^[[{]/.test(text);
  const type = json ? "application/json" : "text/plain";
  response.writeHead(status, {
    ...kCors, "content-type": type, "content-length": Buffer.byteLength(text), ...headers,
  });
  response.end(text);
}

async function post(request, response, { ledger, faults, dispatcher }) {
  const text = await bodyOf(request);
  if (text === null) {
    reply(response, 413, `The body is larger than ${kBodyLimit} bytes.\n`, { connection: "close" });
    return;
  }
  const parsed = dispatcher.parse(text);
  await faults.answer({
    names: parsed.names,
    id: idOf(parsed.request),
    response,
    headers: kCors,
    run: () => {
      ledger.advance();
      return dispatcher.answer(parsed) ?? "";
    },
    reply: (status, body, headers) => reply(response, status, body, headers),
  });
}

/** The id that a client waits for, as JSON. */
function idOf(request) {
  const id = Array.isArray(request) ? request[0]?.id : request?.id;
  return typeof id === "object" ? "null" : writeJson(id);
}

async function handle(request, response, parts) {
  if (request.method === "OPTIONS") reply(response, 204, "");
  else if (request.method === "GET" && request.url === "/health") {
    parts.ledger.advance();
    reply(response, 200, parts.ledger.unhealthyBy() === 0 ? "ok" : "behind",
      { "content-type": "text/plain" });
  }
  else if (request.method === "POST") await post(request, response, parts);
  else reply(response, 405, "POST a JSON-RPC request, or GET /health.\n");
}

/**
 * @param {{ledger: import("./node.mjs").Node, faults: import("./faults/http.mjs").HttpFaults,
 *   dispatcher: import("./rpc/dispatch.mjs").Dispatcher}} parts
 */
export function createHttp(parts) {
  const server = createServer((request, response) => {
    handle(request, response, parts).catch(() => {
      // The caller went away in the middle of its body; there is nobody to tell.
      response.destroy();
    });
  });
  server.requestTimeout = kRequestTimeoutMs;
  server.keepAliveTimeout = kRequestTimeoutMs;
  return server;
}
