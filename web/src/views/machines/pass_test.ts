import { describe, expect, it } from "vitest";
import { encodePass, nameOf, passEnd, passText, readPort, webAddress } from "./pass.ts";

const zeros = new Uint8Array(32);
const own = "a".repeat(52);

describe("a pass", () => {
  it("is the text that the host checks", () => {
    expect(passText("11111111111111111111111111111111", 8888, 1.8e9, 1.8e9 + 60)).toBe(
      "OBELISK: whoever holds this may visit\n" +
        "lease: 11111111111111111111111111111111\n" +
        "port: 8888\n" +
        "from: 2027-01-15T08:00:00Z\n" +
        "until: 2027-01-15T08:01:00Z",
    );
    expect(passText("1", "terminal", 0, 1)).toContain("\nport: terminal\n");
  });
  it("travels as 108 characters", () => {
    const pass = encodePass(1, 258, new Uint8Array(64).fill(255));
    expect(pass).toHaveLength(108);
    expect(pass.startsWith("AQEAAAAAAAAAAgEAAAAAAAD_____")).toBe(true);
  });
  it("ends with its lease, and not much later", () => {
    expect(passEnd(undefined, 1000)).toBe(1000 + 43200);
    expect(passEnd(2000, 1000)).toBe(5600);
    expect(passEnd(2000, 1000, 60)).toBe(1060);
    expect(passEnd(0, 100000)).toBe(100060);
  });
});

describe("the address of a port", () => {
  it("is the template's, of this lease alone", () => {
    const web = `https://{port}-${own}.gw.example:8443`;
    expect(webAddress(web, zeros, 8888)).toBe(`https://8888-${own}.gw.example:8443`);
    expect(webAddress(web, zeros, "terminal")).toBe(`https://terminal-${own}.gw.example:8443`);
    expect(webAddress(web, new Uint8Array(32).fill(1), 8888)).toBeUndefined();
    const here = `http://{port}-${own}.localhost:8080`;
    expect(webAddress(here, zeros, 1)).toBe(`http://1-${own}.localhost:8080`);
  });
  it("is none where the market's template is anything else", () => {
    for (const web of [
      undefined,
      "",
      `http://{port}-${own}.gw.example`,
      `http://{port}-${own}.notlocalhost`,
      `ftp://{port}-${own}.gw.example`,
      `https://{port}-${own}.`,
      `https://{port}-${own}.a/b?c`,
      `https://{port}-${own}.\u001b[31m`,
      `https://{port}-${own}.${"a".repeat(400)}`,
      `https://evil.example/{port}-${own}.x`,
    ])
      expect(webAddress(web, zeros, 8888), web).toBeUndefined();
  });
  it("has the lease in base32", () => {
    expect(nameOf(zeros)).toBe(own);
    expect(nameOf(Uint8Array.from({ length: 32 }, () => 255))).toBe("7".repeat(51) + "q");
  });
  it("takes ports and nothing else", () => {
    expect(["1", " 8888 ", "65535"].map(readPort)).toEqual([1, 8888, 65535]);
    for (const no of ["", "0", "65536", "08", "8e3", "-1", "http", "99999999"])
      expect(readPort(no), no).toBeUndefined();
  });
});
