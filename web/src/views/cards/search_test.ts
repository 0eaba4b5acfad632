import { describe, expect, it } from "vitest";
import {
  addressOf,
  commandOf,
  countOf,
  filtersOf,
  isFine,
  isSearch,
  none,
  searchText,
} from "./search.ts";

const from = (text: string) => filtersOf(new URLSearchParams(text));

describe("filters in the address", () => {
  it("come back as they went", () => {
    const all = {
      ...none,
      card: "rtx-4090",
      gpus: "2",
      price: "1.5",
      vram: "24",
      disk: "100",
      region: "eu-west",
      reliability: "99.5",
      login: "2",
      host: "EWxFmYMBi7uxPRK63v8NTrqmVM7M413nwepdeMNVKyqA",
      real: true,
      q: "cuda>=12.4 or driver>=550",
      sort: "-vram" as const,
    };
    expect(from(addressOf(all).slice(2))).toEqual(all);
    expect(countOf(all)).toBe(10);
  });
  it("are not there where nothing is filtered", () => {
    expect(addressOf(none)).toBe("/");
    expect(from("")).toEqual(none);
    expect(isSearch(none)).toBe(false);
    expect(isSearch({ ...none, sort: "-vram" })).toBe(false);
    expect(isSearch({ ...none, card: "*" })).toBe(true);
  });
  it("leave out what nobody could mean", () => {
    const hostile = from(
      "card=%3Cscript%3E&gpus=-1&price=1e9&vram=x&region=%22)%20or%20(" +
        "&host=short&sort=evil&disk=1.1234567",
    );
    expect(hostile).toEqual(none);
  });
  it("take no direction marks in a region", () => {
    expect(from("region=%E2%80%AEeu").region).toBe("");
    expect(isFine("region", "Zürich")).toBe(true);
    expect(isFine("region", 'a"b')).toBe(false);
  });
  it("bound a long text", () => {
    expect(from(`q=${"x".repeat(4_000)}`).q.length).toBe(400);
  });
});

describe("the search that they are", () => {
  it("says everything that is set", () => {
    expect(searchText(from("card=a40&gpus=2&price=1.50&region=eu&login=2&simulated=no"))).toBe(
      'card=a40 gpus>=2 price<=1.50 region="eu"* login_p50<=2s -simulated',
    );
  });
  it("is nothing for any card", () => {
    expect(searchText(from("card=*"))).toBe("");
  });
  it("keeps the visitor's own words together", () => {
    expect(searchText(from("card=a40&q=cuda>=12 or pcie>=4"))).toBe(
      "card=a40 (cuda>=12 or pcie>=4)",
    );
    expect(searchText(from("q=a40 or l4"))).toBe("a40 or l4");
  });
  it("is safe in a shell", () => {
    expect(commandOf({ ...none, q: "name='x'; rm" })).toBe(`obelisk offers 'name='\\''x'\\''; rm'`);
    expect(commandOf({ ...none, card: "*", sort: "-vram" })).toBe("obelisk offers --sort=-vram");
  });
});
