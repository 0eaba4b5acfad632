import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { sendOrUnsure } from "./send.ts";

const signed = Uint8Array.of(1, 2, 3);
const taken = () => Response.json({ signature: "S" }, { status: 202 });
const problem = (status: number, code: string) => () => Response.json({ code }, { status });
const silence = () => {
  throw new TypeError("no network");
};

let bodies: unknown[] = [];
function answers(...all: (() => Response)[]): void {
  vi.stubGlobal("fetch", (_: string, request: RequestInit) => {
    bodies.push(request.body);
    const next = all.shift() ?? silence;
    return new Promise((done) => done(next()));
  });
}
async function sent(): Promise<{ result: unknown; silences: number }> {
  let silences = 0;
  const result = sendOrUnsure(signed, () => (silences += 1)).catch((error: unknown) => error);
  await vi.advanceTimersByTimeAsync(20_000);
  return { result: await result, silences };
}

describe("signed bytes", () => {
  beforeEach(() => {
    bodies = [];
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it("are sent until somebody says that they are taken, and are the same each time", async () => {
    answers(silence, problem(504, "timeout"), problem(429, "rate_limited"), taken);
    expect(await sent()).toEqual({ result: true, silences: 3 });
    expect(bodies).toEqual(Array(4).fill('{"transaction":"AQID"}'));
  });
  it("have landed where the market says that they are there already", async () => {
    answers(silence, problem(409, "conflict"));
    expect(await sent()).toEqual({ result: true, silences: 1 });
  });
  it("are refused for sure by the first answer alone", async () => {
    answers(problem(422, "rejected_on_chain"));
    expect((await sent()).result).toMatchObject({ code: "rejected_on_chain" });
    expect(bodies).toHaveLength(1);
  });
  it("may have landed where a refusal follows a silence, or nothing does", async () => {
    for (const code of ["expired", "rejected_on_chain", "insufficient_funds"]) {
      answers(silence, problem(422, code));
      expect(await sent(), code).toEqual({ result: false, silences: 1 });
    }
    answers();
    expect(await sent()).toEqual({ result: false, silences: 3 });
    answers(problem(500, "internal"), problem(503, "missing_dependency"));
    expect((await sent()).result).toBe(false);
  });
});
