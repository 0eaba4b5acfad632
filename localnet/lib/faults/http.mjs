/**
 * Faults of an HTTP answer: late, refused, reset, cut off, or not what was asked for. It decides
 * what one request gets; calls that set faults get their true answer always.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { otherShape, sendHuge, wrongJson } from "./bad_json.mjs";

/** Calls that change the chain for a test are never hit by the faults that they set. */
export const kLocalPrefix = "obelisk_";

const kStatuses = Object.freeze({
  http_403: 403, http_429: 429, http_500: 500, http_502: 502, http_503: 503,
});
/** In the place of the answer; only with `after` was the request carried out. */
const kInstead = Object.freeze(["http_reset", ...Object.keys(kStatuses)]);
/** The request was carried out, and its answer is spoiled. */
const kSpoiled = Object.freeze(["http_cut", "json_wrong", "json_shape", "json_huge"]);

/** @typedef {import("./faults.mjs").Fault} Fault */
/** @typedef {import("node:http").ServerResponse} Response */

function retryAfter({ options }) {
  if (options.retry_after === "none") return {};
  const { seconds } = options;
  return {
    "retry-after": options.retry_after === "date"
      ? new Date(Date.now() + seconds * 1000).toUTCString()
      : String(seconds),
  };
}

/** Waits, but not for a caller that has gone. @param {Response} response */
async function pause(ms, response) {
  const gone = new AbortController();
  const leave = () => gone.abort();
  response.once("close", leave);
  try {
    await sleep(ms, undefined, { signal: gone.signal });
  } finally {
    response.off("close", leave);
  }
}

export class HttpFaults {
  #faults;
  #node;

  /** @param {import("./faults.mjs").Faults} faults */
  constructor(faults, node) {
    this.#faults = faults;
    this.#node = node;
  }

  /**
   * Answers one request, well or badly.
   * @param {{names: string[], id: string, response: Response, headers: object,
   *   run: () => string, reply: (status: number, text: string, headers?: object) => void}} call
   *   `run` carries the request out and returns its answer's text
   */
  async answer(call) {
    const { names, response, run, reply } = call;
    if (names.length === 0 || names.some((name) => name.startsWith(kLocalPrefix))) {
      reply(200, run());
      return;
    }
    const where = { node: this.#node, names };
    const slow = this.#faults.strikes("http_slow", where);
    if (slow !== null && !slow.options.after) await pause(slow.options.ms, response);
    const instead = this.#faults.firstOf(kInstead, where);
    if (instead !== null && !instead.options.after) {
      this.#refuse(instead, call);
      return;
    }
    const text = run();
    if (slow?.options.after) await pause(slow.options.ms, response);
    if (instead !== null) {
      this.#refuse(instead, call);
      return;
    }
    const spoiled = this.#faults.firstOf(kSpoiled, where);
    if (spoiled === null) reply(200, text);
    else await this.#spoil(spoiled, text, call);
  }

  /** @param {Fault} fault */
  #refuse(fault, { response, reply }) {
    if (fault.kind === "http_reset") {
      response.socket?.resetAndDestroy();
      return;
    }
    const status = kStatuses[fault.kind];
    reply(status, `${status}, by a fault that was asked for.\n`, retryAfter(fault));
  }

  /** @param {Fault} fault */
  async #spoil(fault, text, { id, response, headers, reply }) {
    if (fault.kind === "json_huge") await sendHuge(response, fault.options.bytes, id, headers);
    else if (fault.kind === "json_wrong") reply(200, wrongJson(fault, text));
    else if (fault.kind === "json_shape") reply(200, otherShape(fault, id));
    else {
      response.writeHead(200, {
        ...headers, "content-type": "application/json", "content-length": Buffer.byteLength(text),
      });
      const part = text.slice(0, Math.floor(text.length * fault.random()));
      response.write(part, () => response.destroy());
    }
  }
}
