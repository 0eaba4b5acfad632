import { beforeAll, expect, test } from "vitest";
import { price } from "../../../program/client/protocol.ts";
import { checkQuote } from "./check_quote.ts";
import { Refusal } from "./refusal.ts";
import { keyOf, makeQuote, NOW } from "./testing.ts";

type Made = Awaited<ReturnType<typeof makeQuote>>;
let made: Made;
beforeAll(async () => {
  made = await makeQuote();
});

async function nameOf(
  bend: (copy: Pick<Made, "quote" | "asked" | "market">) => void,
  from = made,
): Promise<string> {
  const copy = structuredClone({ quote: from.quote, asked: from.asked, market: from.market });
  bend(copy);
  try {
    await checkQuote(copy.quote, copy.asked, copy.market, NOW);
    return "passed";
  } catch (error) {
    if (error instanceof Refusal) return error.what ? `${error.check} ${error.what}` : error.check;
    throw error;
  }
}

test("a quote as the market makes it passes, and says what its transaction must do", async () => {
  const checked = await checkQuote(made.quote, made.asked, made.market, NOW);
  expect(checked.open).toEqual(made.open);
});

test("what was signed is the text, whole and by the attestor", async () => {
  expect(await nameOf(({ quote }) => void (quote.terms = quote.terms.replace("cpu", "gpu")))).toBe(
    "hash",
  );
  expect(await nameOf(({ quote }) => void (quote.id = quote.id.replace(/./, "x")))).toBe("hash");
  const other = await makeQuote();
  expect(await nameOf(({ quote }) => void (quote.signature = other.quote.signature))).toBe(
    "signature",
  );
  expect(await nameOf(({ quote }) => void (quote.signature = "no base58 0OIl"))).toBe("signature");
  expect(await nameOf(({ quote }) => void (quote.terms = `${quote.terms} `))).toBe("terms");
});

test("what was chosen is what is signed", async () => {
  expect(await nameOf(({ asked }) => void (asked.renter = keyOf(1)))).toBe("asked renter");
  expect(await nameOf(({ asked }) => void (asked.keyFingerprint = "SHA256:x"))).toBe(
    "asked ssh_key",
  );
  expect(await nameOf(({ asked }) => void (asked.offer = "other"))).toBe("asked offer");
  expect(await nameOf(({ asked }) => void (asked.card = "h100"))).toBe("asked card");
  expect(await nameOf(({ asked }) => void (asked.host = keyOf(1)))).toBe("asked host");
  expect(await nameOf(({ asked }) => void (asked.simulated = true))).toBe("asked simulated");
  expect(await nameOf(({ asked }) => void (asked.lease = keyOf(1)))).toBe("lease");
  expect(await nameOf(({ asked }) => void (asked.count = 2))).toBe("asked count");
  expect(await nameOf(({ asked }) => void (asked.seconds = 601))).toBe("asked seconds");
  expect(await nameOf(({ asked }) => void (asked.maxSeconds = 700))).toBe("asked max_seconds");
  expect(await nameOf(({ asked }) => void (asked.diskBytes = 2 ** 40))).toBe("asked disk_bytes");
  expect(await nameOf(({ asked }) => void (asked.image = "sha256:0"))).toBe("asked image");
  expect(await nameOf(({ asked }) => void (asked.template = "jupyter"))).toBe("asked template");
});

test("another quote than the one on the screen is refused, however good it is", async () => {
  // By the same market for the same wallet and offer, at ten times the price.
  const dear = await makeQuote((terms) => {
    const whole = price(7_142_860n, 600);
    terms["lamports_per_hour"] = "7142860";
    terms["debit"] = {
      ...(terms["debit"] as object),
      cards_lamports: String(whole),
      price_lamports: String(whole),
      total_lamports: String(whole + 2_951_040n + 15_000n),
    };
    terms["nonce"] = "2";
  }, made);
  expect(await nameOf(() => {}, dear)).toBe("passed");
  expect(await nameOf(({ asked }) => void Object.assign(asked, made.asked), dear)).toBe("asked id");
  const sameId = { ...made.asked, quote: dear.quote.id };
  expect(await nameOf(({ asked }) => void Object.assign(asked, sameId), dear)).toBe(
    "asked cards_lamports",
  );
  const total = { ...dear.quote.breakdown, total_lamports: made.quote.breakdown.total_lamports };
  expect(await nameOf(({ asked }) => void (asked.breakdown = total), dear)).toBe(
    "asked total_lamports",
  );
});

test("the market is the one that the page knows", async () => {
  expect(await nameOf(({ market }) => void (market.program = keyOf(1)))).toBe("program");
  expect(await nameOf(({ market }) => void (market.market = keyOf(1)))).toBe("account");
  expect(await nameOf(({ market }) => void (market.operator = keyOf(1)))).toBe("account");
  expect(await nameOf(({ market }) => void (market.attestor = keyOf(1)))).toBe("attestor");
  expect(await nameOf(({ market }) => void (market.market_rev = 2))).toBe("revision");
  expect(await nameOf(({ market }) => void (market.fee_bps = 1))).toBe("fee");
  expect(await nameOf(({ market }) => void (market.paused = true))).toBe("paused");
  expect(await nameOf(({ market, quote }) => void (market.treasury = quote.host))).toBe("account");
  await expect(checkQuote(made.quote, made.asked, made.market, NOW + 61)).rejects.toThrow(
    "expired",
  );
});

test("whatever is shown is what is signed", async () => {
  expect(await nameOf(({ quote }) => void (quote.lease = keyOf(1)))).toBe("lease");
  const shown = {
    attestor: keyOf(1),
    program: keyOf(1),
    market: keyOf(1),
    market_rev: 2,
    renter: keyOf(1),
    host: keyOf(1),
    nonce: "1",
    seconds: 60,
    max_seconds: 601,
    lamports_per_hour: "1",
    fee_bps: 1,
    count: 2,
    disk_bytes: 1,
    image: "sha256:0",
    template: "jupyter",
    expires_at_s: 1,
  };
  for (const [field, value] of Object.entries(shown)) {
    expect(await nameOf(({ quote }) => void Object.assign(quote, { [field]: value }))).toBe(
      `shown ${field}`,
    );
  }
  expect(await nameOf(({ quote }) => void (quote.offer.simulated = true))).toBe("shown simulated");
  expect(await nameOf(({ quote }) => void (quote.offer.card = "h100"))).toBe("shown card");
  expect(await nameOf(({ quote }) => void (quote.breakdown.total_lamports = "1"))).toBe(
    "shown total_lamports",
  );
  expect(await nameOf(({ quote }) => void (quote.sol_price.micro_usd_per_sol = 1))).toBe(
    "shown sol_price",
  );
});

test.each([
  ["a rate that is not the price's", { lamports_per_hour: "800000" }],
  ["a bond of another size", { debit: { bond_lamports: "1" } }],
  ["a total that is no sum", { debit: { total_lamports: "1" } }],
  ["two keys that are one", { host: keyOf(9) }],
  ["more time than may be bought", { max_seconds: 599 }],
  ["no card", { cards: [] }],
  ["a card twice", { cards: Array(2).fill({ memory_bytes: 0, uuid: "a" }) }],
  ["a field nobody knows", { surprise: 1 }],
  ["a number that is none", { seconds: "600" }],
  ["a fraction", { disk_bytes: 1.5 }],
  ["another version", { version: 2 }],
  ["an image without a digest", { image: "latest" }],
])("terms with %s are refused, signed or not", async (_, change) => {
  const bent = await makeQuote((terms) => {
    for (const [name, value] of Object.entries(change)) {
      const isPart = name === "debit";
      terms[name] = isPart ? { ...(terms["debit"] as object), ...(value as object) } : value;
    }
  });
  expect(await nameOf(() => {}, bent)).toBe("terms");
});
