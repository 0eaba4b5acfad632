/**
 * A small JSON-RPC client for the tools: exact integers, a bound on time, and another try where the
 * node is busy. It never sends anything twice that is not safe to send twice: a signed transaction
 * is.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { parseJson, writeJson } from "../lib/json.mjs";

const kTries = 6;
const kTimeoutMs = 15_000;
const kFirstPauseMs = 200;
/** What may be over at the next try. */
const kPassing = new Set(["TimeoutError", "ECONNRESET", "UND_ERR_SOCKET"]);

/** The node could not be reached, or answered with something that is no answer. */
export class UnreachableError extends Error {}

/** The node answered with an error. */
export class NodeError extends Error {
  constructor({ code, message, data }) {
    super(message);
    this.code = code;
    this.data = data;
  }
}

export class RpcClient {
  #url;
  #id = 0;

  constructor(url) {
    this.#url = url;
  }

  async call(method, ...params) {
    this.#id += 1;
    const body = writeJson({ jsonrpc: "2.0", id: this.#id, method, params });
    let why = "";
    for (let attempt = 0; attempt < kTries; attempt += 1) {
      if (attempt > 0) await sleep(kFirstPauseMs * 2 ** (attempt - 1));
      try {
        const response = await fetch(this.#url, {
          method: "POST", body, headers: { "content-type": "application/json" },
          signal: AbortSignal.timeout(kTimeoutMs),
        });
        why = `HTTP ${response.status}`;
        if (response.status === 429 || response.status >= 500) continue;
        const reply = parseJson(await response.text());
        if (reply.error !== undefined) throw new NodeError(reply.error);
        return reply.result;
      } catch (error) {
        if (error instanceof NodeError) throw error;
        why = error.cause?.code ?? error.message;
        if (!kPassing.has(error.cause?.code ?? error.name)) break;
      }
    }
    throw new UnreachableError(`${this.#url} did not answer ${method}: ${why}.`);
  }
}
