/**
 * The HTTP side: POST a JSON-RPC body to /, GET /health. Bounded in size and time; open to pages of
 * any origin, as a node's RPC is, because it holds nothing that is anyone's.
 */
import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { kLocalPrefix } from "./rpc/local.mjs";

const kBodyLimit = 1 << 20;
const kRequestTimeoutMs = 30_000;
const kRetryAfterS = "1";
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

function reply(response, status, text, headers = {}) {
  const type = text.startsWith("{") || text.startsWith("[") ? "application/json" : "text/plain";
  response.writeHead(status, {
    ...kCors, "content-type": type, "content-length": Buffer.byteLength(text), ...headers,
  });
  response.end(text);
}

/** An HTTP fault that hits this request, as the status to answer with; 0 where none does. */
function faultStatus(faults, names) {
  if (names.every((name) => name.startsWith(kLocalPrefix))) return 0;
  if (faults.strikes("http_429")) return 429;
  return faults.strikes("http_500") ? 500 : 0;
}

async function post(request, response, { ledger, faults, dispatcher }) {
  const text = await bodyOf(request);
  if (text === null) {
    reply(response, 413, `The body is larger than ${kBodyLimit} bytes.\n`, { connection: "close" });
    return;
  }
  const parsed = dispatcher.parse(text);
  const local = parsed.names.every((name) => name.startsWith(kLocalPrefix));
  const delayMs = local ? 0 : faults.delayMs();
  if (delayMs > 0) await sleep(delayMs);
  const status = faultStatus(faults, parsed.names);
  if (status === 429) {
    reply(response, 429, "Too many requests, by a fault that was asked for.\n",
      { "retry-after": kRetryAfterS });
    return;
  }
  if (status === 500) {
    reply(response, 500, "Internal server error, by a fault that was asked for.\n");
    return;
  }
  ledger.advance();
  reply(response, 200, dispatcher.answer(parsed) ?? "");
}

async function handle(request, response, parts) {
  if (request.method === "OPTIONS") reply(response, 204, "");
  else if (request.method === "GET" && request.url === "/health") reply(response, 200, "ok");
  else if (request.method === "POST") await post(request, response, parts);
  else reply(response, 405, "POST a JSON-RPC request, or GET /health.\n");
}

/**
 * @param {{ledger: import("./ledger.mjs").Ledger, faults: import("./faults.mjs").Faults,
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
