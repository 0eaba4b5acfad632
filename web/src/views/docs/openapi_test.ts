import { describe, expect, it } from "vitest";
import description from "../../../../src/api/openapi.json";
import { answersOf, fieldsOf, groupsOf, hasFields, resolve, typeText } from "./openapi.ts";

const groups = groupsOf(description);
const all = groups.flatMap((group) => group.operations);
const operation = (id: string) => all.find((one) => one.id === id);

describe("the market's description", () => {
  it("has every operation once, under its first word", () => {
    const count = Object.values(description.paths).reduce(
      (sum, path) => sum + Object.keys(path).length,
      0,
    );
    expect(all.length).toBe(count);
    expect(new Set(all.map((one) => one.id)).size).toBe(count);
    expect(groups.map((group) => group.name)).toContain("offers");
    expect(groups.at(-1)?.name).toBe("");
  });
  it("says who may ask", () => {
    expect(operation("list_offers")?.auth).toBe("anyone");
    expect(operation("create_quote")?.auth).toBe("either");
    expect(operation("list_leases")?.auth).toBe("signed");
  });
  it("has parameters, bodies and answers with their references resolved", () => {
    const quote = operation("create_quote");
    expect(quote?.parameters[0]?.name).toBe("Idempotency-Key");
    expect(fieldsOf(description, quote?.body).map((field) => field.name)).toContain("seconds");
    const found = operation("list_offers")?.answers.find((answer) => answer.status === "200");
    expect(hasFields(description, found?.schema)).toBe(true);
  });
  it("says in one line what many answers say", () => {
    const quote = operation("create_quote");
    expect(quote && answersOf(quote).map((line) => line.statuses)).toEqual([
      "201",
      "401, 403, 404, 409, 422, 429, default",
    ]);
  });
  it("knows the fields of a list's members", () => {
    const offers = fieldsOf(description, { $ref: "#/components/schemas/OfferList" }).find(
      (field) => field.name === "offers",
    );
    expect(offers?.type).toBe("Offer[]");
    expect(fieldsOf(description, offers?.schema).some((field) => field.name === "host")).toBe(true);
  });
});

describe("what is not as expected", () => {
  it("is left out", () => {
    for (const nonsense of [null, 3, "x", [], { paths: 3 }, { paths: { "/v1/x": { get: 5 } } }])
      expect(groupsOf(nonsense)).toEqual([]);
    expect(resolve({}, { $ref: "#/a/b" })).toEqual({});
    expect(resolve({}, { $ref: "#/__proto__/constructor" })).toEqual({});
    expect(typeText(undefined)).toBe("any");
    expect(fieldsOf({}, undefined)).toEqual([]);
  });
});
