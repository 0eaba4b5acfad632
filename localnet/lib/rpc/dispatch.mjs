/**
 * JSON-RPC 2.0: takes the text of a request or a batch, finds the method, and writes the answer. A
 * method's mistake is answered as an internal error and reported; it never ends the process.
 */
import {
  invalidParams, kInternalError, kInvalidRequest, kMethodNotFound, kParseError, RpcError,
} from "../errors.mjs";
import { parseJson, writeJson } from "../json.mjs";
import { listOf } from "./params.mjs";

const kBatchLimit = 200;

const isObject = (value) =>
  value !== null && typeof value === "object" && !Array.isArray(value);

const nameOf = (entry) => (typeof entry?.method === "string" ? entry.method : "");

const isId = (id) => id === undefined || id === null || typeof id === "string"
  || typeof id === "number" || typeof id === "bigint";

function errorJson(id, { code, message, data }) {
  return { jsonrpc: "2.0", error: { code, message, ...(data === undefined ? {} : { data }) }, id };
}

export class Dispatcher {
  #methods;
  #report;

  /**
   * @param {Record<string, (params: any[], caller?: any) => any>} methods
   * @param {(error: Error) => void} report  for mistakes of ours
   */
  constructor(methods, report) {
    this.#methods = new Map(Object.entries(methods));
    this.#report = report;
  }

  /**
   * Parses a body; throws nothing. `names` are the methods that it calls.
   * @returns {{request: any, names: string[], error: RpcError|null}}
   */
  parse(text) {
    let request;
    try {
      request = parseJson(text);
    } catch {
      return { request: null, names: [], error: new RpcError(kParseError, "Parse error") };
    }
    const list = Array.isArray(request) ? request : [request];
    if (list.length === 0 || list.length > kBatchLimit) {
      const error = new RpcError(kInvalidRequest, `A batch has 1 to ${kBatchLimit} requests`);
      return { request: null, names: [], error };
    }
    return { request, names: list.map(nameOf), error: null };
  }

  /** The answer's text, or null where nothing is to be answered. */
  answer({ request, error }, caller) {
    if (error !== null) return writeJson(errorJson(null, error));
    if (!Array.isArray(request)) {
      const reply = this.#one(request, caller);
      return reply === null ? null : writeJson(reply);
    }
    const replies = request.map((entry) => this.#one(entry, caller)).filter(Boolean);
    return replies.length === 0 ? null : writeJson(replies);
  }

  #one(request, caller) {
    const fine = isObject(request) && request.jsonrpc === "2.0"
      && typeof request.method === "string" && isId(request.id);
    if (!fine) {
      return errorJson(null, { code: kInvalidRequest, message: "Invalid request" });
    }
    const { id } = request;
    const reply = this.#call(request, caller);
    if (id === undefined) return null;
    return reply instanceof RpcError
      ? errorJson(id, reply)
      : { jsonrpc: "2.0", result: reply, id };
  }

  #call({ method, params }, caller) {
    const run = this.#methods.get(method);
    if (run === undefined) return new RpcError(kMethodNotFound, `Method not found: ${method}`);
    try {
      if (params !== undefined && params !== null && typeof params !== "object") {
        throw invalidParams("params must be a list");
      }
      return run(listOf(params), caller);
    } catch (error) {
      if (error instanceof RpcError) return error;
      this.#report(error);
      return new RpcError(kInternalError, "Internal error");
    }
  }
}
