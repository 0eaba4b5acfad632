// The market's own description of its API, as a list one can read. Pure, and tolerant: what is not
// as expected is left out.

type Dict = Record<string, unknown>;
const isDict = (value: unknown): value is Dict =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const dict = (value: unknown): Dict => (isDict(value) ? value : {});
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const text = (value: unknown): string => (typeof value === "string" ? value : "");

export type Auth = "anyone" | "either" | "signed";

export interface Parameter {
  name: string;
  place: string; // path, query, header
  isRequired: boolean;
  type: string;
  description: string;
}

export interface Answer {
  status: string;
  description: string;
  schema: Dict | undefined;
}

export interface Operation {
  id: string;
  method: string;
  path: string;
  summary: string;
  description: string;
  auth: Auth;
  parameters: Parameter[];
  body: Dict | undefined;
  answers: Answer[];
}

export interface Group {
  name: string;
  operations: Operation[];
}

export interface Field {
  name: string;
  isRequired: boolean;
  type: string;
  description: string;
  schema: Dict;
}

// What a "#/components/..." points to.
export function resolve(root: unknown, value: unknown): Dict {
  const ref = text(dict(value).$ref);
  if (!ref.startsWith("#/")) return dict(value);
  let at: unknown = root;
  for (const part of ref.slice(2).split("/")) {
    if (!isDict(at) || !Object.hasOwn(at, part)) return {};
    at = at[part];
  }
  return dict(at);
}

export function refName(value: unknown): string {
  return text(dict(value).$ref).split("/").at(-1) ?? "";
}

// "string", "integer, 0 to 64", "Offer[]", "a | b".
export function typeText(schema: unknown): string {
  const value = dict(schema);
  if (value.$ref !== undefined) return refName(value);
  const cases = list(value.enum).filter((one) => typeof one === "string");
  if (cases.length > 0) return cases.join(" | ");
  const type = text(value.type);
  if (type === "array") return `${typeText(value.items)}[]`;
  const parts = [type || "any"];
  if (text(value.format) !== "" && value.format !== "uint64") parts.push(text(value.format));
  if (typeof value.minimum === "number" && typeof value.maximum === "number")
    parts.push(`${value.minimum} … ${value.maximum}`);
  else if (typeof value.maxLength === "number") parts.push(`≤ ${value.maxLength}`);
  return parts.join(", ");
}

function authOf(security: unknown): Auth {
  const ways = list(security).map(dict);
  if (ways.length === 0) return "anyone";
  return ways.some((way) => Object.keys(way).length === 0) ? "either" : "signed";
}

function contentOf(value: Dict): Dict | undefined {
  const first = Object.values(dict(value.content))[0];
  const schema = dict(first).schema;
  return isDict(schema) ? schema : undefined;
}

function operationOf(root: unknown, path: string, method: string, value: Dict): Operation {
  return {
    id: text(value.operationId),
    method: method.toUpperCase(),
    path,
    summary: text(value.summary),
    description: text(value.description),
    auth: authOf(value.security),
    parameters: list(value.parameters).map((one) => {
      const parameter = resolve(root, one);
      return {
        name: text(parameter.name),
        place: text(parameter.in),
        isRequired: parameter.required === true,
        type: typeText(parameter.schema),
        description: text(parameter.description),
      };
    }),
    body: contentOf(resolve(root, value.requestBody)),
    answers: Object.entries(dict(value.responses)).map(([status, one]) => {
      const answer = resolve(root, one);
      return { status, description: text(answer.description), schema: contentOf(answer) };
    }),
  };
}

// The answers, those that say the same in one line: "401, 403, 422".
export function answersOf(operation: Operation): { statuses: string; answer: Answer }[] {
  const lines: { statuses: string; answer: Answer }[] = [];
  for (const answer of operation.answers) {
    const same = lines.find(
      (line) =>
        line.answer.description === answer.description &&
        typeText(line.answer.schema) === typeText(answer.schema),
    );
    if (same) same.statuses += `, ${answer.status}`;
    else lines.push({ statuses: answer.status, answer });
  }
  return lines;
}

const METHODS = ["get", "post", "put", "patch", "delete"];

// By the first word after /v1, in the order of the description; what has none comes last.
export function groupsOf(root: unknown): Group[] {
  const groups = new Map<string, Operation[]>();
  for (const [path, value] of Object.entries(dict(dict(root).paths))) {
    const name = /^\/v1\/([a-z0-9_-]+)/.exec(path)?.[1] ?? "";
    for (const [method, one] of Object.entries(dict(value))) {
      if (!METHODS.includes(method) || !isDict(one)) continue;
      const operations = groups.get(name) ?? [];
      operations.push(operationOf(root, path, method, one));
      groups.set(name, operations);
    }
  }
  return [...groups]
    .map(([name, operations]) => ({ name, operations }))
    .sort((a, b) => Number(a.name === "") - Number(b.name === ""));
}

// The fields of an object, also of the objects in a list.
export function fieldsOf(root: unknown, schema: unknown): Field[] {
  let value = resolve(root, schema);
  while (value.type === "array") value = resolve(root, value.items);
  const required = list(value.required);
  return Object.entries(dict(value.properties)).map(([name, one]) => ({
    name,
    isRequired: required.includes(name),
    type: typeText(one),
    description: text(dict(one).description) || text(resolve(root, one).description),
    schema: dict(one),
  }));
}

// Whether there are fields to show below it.
export function hasFields(root: unknown, schema: unknown): boolean {
  return fieldsOf(root, schema).length > 0;
}
