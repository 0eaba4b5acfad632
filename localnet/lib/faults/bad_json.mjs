/**
 * Answers that are not what was asked for. None of them is a plausible lie: each can be told from a
 * true answer by its form alone, so that a client which checks forms is never misled by one.
 */
import { once } from "node:events";
import { oneOf } from "./random.mjs";

const kDepth = 20_000;
const kNested = `${"[".repeat(kDepth)}${"]".repeat(kDepth)}`;
const kHugeNumber = "99999999999999999999999999999999999999999";
const kNotText = Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0xc3, 0x28, 0x22, 0x7d]);
const kPage = "<!doctype html><html><body><h1>Bad gateway</h1></body></html>";
const kChunkBytes = 64 << 10;

const frame = (id, result) => `{"jsonrpc":"2.0","result":${result},"id":${id}}`;

/** Not JSON. Each takes the true answer. */
const kWrong = Object.freeze({
  empty: () => "",
  half: (text) => text.slice(0, Math.floor(text.length / 2)),
  page: () => kPage,
  bytes: () => kNotText,
  twice: (text) => `${text}${text}`,
  unquoted: () => "{jsonrpc: '2.0', result: undefined}",
});

/** JSON, but no answer. Each takes the request's id as text. */
const kShapes = Object.freeze({
  null: () => "null",
  list: () => "[]",
  number: () => "7",
  no_result: (id) => `{"jsonrpc":"2.0","id":${id}}`,
  other_id: () => frame('"of another request"', '"of another request"'),
  result_object: (id) => frame(id, "{}"),
  result_bool: (id) => frame(id, "true"),
  result_nested: (id) => frame(id, kNested),
  result_huge: (id) => frame(id, kHugeNumber),
  error_text: (id) => `{"jsonrpc":"2.0","error":"busy","id":${id}}`,
  error_empty: (id) => `{"jsonrpc":"2.0","error":{},"id":${id}}`,
});

/** What comes on a socket in the place of a notification. Each takes the true one. */
const kFrames = Object.freeze({
  half: kWrong.half,
  page: kWrong.page,
  null: kShapes.null,
  list: kShapes.list,
  no_params: () => '{"jsonrpc":"2.0","method":"accountNotification"}',
  result_object: (text) => text.replace(/"result":.*(,"subscription":\d+)/s, '"result":{}$1'),
  result_nested: (text) =>
    text.replace(/"result":.*(,"subscription":\d+)/s, `"result":${kNested}$1`),
  other_subscription: (text) => text.replace(/"subscription":\d+/, '"subscription":4294967295'),
  bytes: kWrong.bytes,
});

export const kWrongVariants = Object.freeze(Object.keys(kWrong));
export const kShapeVariants = Object.freeze(Object.keys(kShapes));
export const kFrameVariants = Object.freeze(Object.keys(kFrames));

/** @typedef {import("./faults.mjs").Fault} Fault */

/** The variant that the fault names, or one by chance. @param {Fault} fault */
const variantOf = ({ options, random }, variants) => options.variant ?? oneOf(variants, random);

/** @param {Fault} fault @returns {string|Buffer} */
export const wrongJson = (fault, text) => kWrong[variantOf(fault, kWrongVariants)](text);

/** @param {Fault} fault @param {string} id the request's, as JSON */
export const otherShape = (fault, id) => kShapes[variantOf(fault, kShapeVariants)](id);

/** @param {Fault} fault @returns {string|Buffer} */
export const wrongFrame = (fault, text) => kFrames[variantOf(fault, kFrameVariants)](text);

/**
 * Writes an answer of that many bytes, which is JSON to its last byte, without ever holding it.
 * @param {import("node:http").ServerResponse} response
 */
export async function sendHuge(response, bytes, id, headers) {
  const [head, tail] = ['{"jsonrpc":"2.0","result":"', `","id":${id}}`];
  const chunk = "x".repeat(kChunkBytes);
  response.writeHead(200, {
    ...headers, "content-type": "application/json",
    "content-length": head.length + bytes + Buffer.byteLength(tail),
  });
  response.write(head);
  const gone = once(response, "close");
  for (let left = bytes; left > 0 && !response.destroyed; left -= chunk.length) {
    const more = response.write(left < chunk.length ? chunk.slice(0, left) : chunk);
    if (!more) await Promise.race([once(response, "drain"), gone]);
  }
  response.end(tail);
}
