import { expect, it } from "vitest";
import { textToSign } from "./signed_request.ts";

it("signs the eight lines that the market and the host read", () => {
  const text = textToSign({
    method: "GET",
    path: "/v1/leases?limit=2",
    host: "127.0.0.1:8480",
    market: "8qbHbw2BbbTHBW1sbeqakYXVKRQM8Ne7pLK7m6CVfeR",
    bodyHash: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    atMs: 1795000000000,
    nonce: "0123456789abcdef",
  });
  expect(text).toBe(
    "OBELISKR\nGET\n/v1/leases?limit=2\n127.0.0.1:8480\n" +
      "8qbHbw2BbbTHBW1sbeqakYXVKRQM8Ne7pLK7m6CVfeR\n" +
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n" +
      "1795000000000\n0123456789abcdef",
  );
});
