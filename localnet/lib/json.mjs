/**
 * JSON with exact integers. Solana's RPC writes u64 values as JSON numbers, and the language's own
 * parser rounds every integer past 2^53. Here such an integer is a BigInt, both ways. Nothing else
 * of JSON is changed.
 */

const kLongDigits = /\d{16}/;
const kToken = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/gs;
const kLongInteger = /^-?\d{16,}$/;
const kBigKey = "\u0000integer";

/** Parses a text; integers of 16 digits and more that a double cannot hold become BigInts. */
export function parseJson(text) {
  if (!kLongDigits.test(text)) return JSON.parse(text);
  let replaced = false;
  const marked = text.replace(kToken, (token) => {
    if (!kLongInteger.test(token) || Number.isSafeInteger(Number(token))) return token;
    replaced = true;
    return `{"\\u0000integer":"${token}"}`;
  });
  if (!replaced) return JSON.parse(text);
  return JSON.parse(marked, (_, value) => {
    const mark = value !== null && typeof value === "object" ? value[kBigKey] : undefined;
    return typeof mark === "string" ? BigInt(mark) : value;
  });
}

/** Writes a value; a BigInt is written as a JSON number with all its digits. */
export function writeJson(value) {
  switch (typeof value) {
    case "bigint":
      return value.toString();
    case "string":
    case "number":
    case "boolean":
      return JSON.stringify(value);
    case "object":
      break;
    default:
      return "null";
  }
  if (value === null) return "null";
  if (Array.isArray(value)) return `[${value.map(writeJson).join(",")}]`;
  const parts = [];
  for (const [key, entry] of Object.entries(value)) {
    if (entry !== undefined) parts.push(`${JSON.stringify(key)}:${writeJson(entry)}`);
  }
  return `{${parts.join(",")}}`;
}
