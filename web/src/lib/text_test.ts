import { describe, expect, it } from "vitest";
import { plain } from "./text.ts";

describe("plain", () => {
  it("leaves an ordinary name as it is", () => {
    expect(plain("A100 80 GB SXM")).toBe("A100 80 GB SXM");
  });
  it("cuts what is long, between letters", () => {
    expect(plain("x".repeat(4_000))).toBe(`${"x".repeat(60)}…`);
    expect(plain("😀".repeat(100), 2)).toBe("\u2068😀😀…\u2069");
  });
  it("takes direction and control marks out, and closes off what runs the other way", () => {
    expect(plain("\u202eevil\u0000\n")).toBe("evil");
    expect(plain("שלום")).toBe("\u2068שלום\u2069");
  });
});
