import { expect, test } from "vitest";
import type { Offer } from "../lib/api.ts";
import { askedOf } from "./asked.ts";
import { checkQuote } from "./check_quote.ts";
import { readChoices } from "./choices.ts";
import { FINGERPRINT, makeQuote, NOW } from "./testing.ts";

test("a click means what is on the screen, and no later quote fits it", async () => {
  const { quote, asked, market, renter, attestor } = await makeQuote();
  const offer = {
    id: asked.offer,
    host: asked.host,
    card: "cpu",
    simulated: false,
    count: 1,
    disk_bytes_max: 0,
    max_seconds: 604_800,
  } as Offer;
  const choices = readChoices(new URLSearchParams("seconds=600"), offer);
  const meant = askedOf(quote, offer, choices, renter.address, FINGERPRINT);
  expect(meant).toMatchObject(asked);
  await checkQuote(quote, meant, market, NOW);
  const simulated = { ...offer, simulated: true };
  const other = askedOf(quote, simulated, choices, renter.address, FINGERPRINT);
  await expect(checkQuote(quote, other, market, NOW)).rejects.toThrow("asked simulated");
  const next = await makeQuote((terms) => void (terms["nonce"] = "7"), { attestor, renter });
  await expect(checkQuote(next.quote, meant, market, NOW)).rejects.toThrow("asked id");
});
