import { expect, test, vi } from "vitest";
import { part, reloadOnce, RENEWED } from "./part.ts";
import { Problem } from "../lib/api.ts";
import { viewOf } from "./views.ts";

test("an address that is no text is nobody's view", () => {
  expect(viewOf("/rent/%")).toBe(undefined);
  expect(viewOf("/leases/%E0%A4%A")).toBe(undefined);
  expect(viewOf("/rent/a%20b")?.argument).toBe("a b");
  expect(viewOf("/nowhere")).toBe(undefined);
});

test("a part that does not come says that the page has to be loaded anew", async () => {
  const gone = Promise.reject(new TypeError("Failed to fetch dynamically imported module"));
  await expect(part(gone)).rejects.toMatchObject({ code: RENEWED, chargedLamports: 0n });
  const own = new Problem("expired", "x", "", 0n, 410);
  await expect(part(Promise.reject(own))).rejects.toBe(own);
  expect(await part(Promise.resolve(1))).toBe(1);
});

test("the page is loaded anew once, and not for ever", () => {
  const kept = new Map<string, string>();
  let loads = 0;
  vi.stubGlobal("location", { reload: () => (loads += 1) });
  vi.stubGlobal("sessionStorage", {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => kept.set(name, value),
  });
  expect([reloadOnce(50_000), reloadOnce(59_000), reloadOnce(61_000)]).toEqual([true, false, true]);
  expect(loads).toBe(2);
  vi.unstubAllGlobals();
  expect(reloadOnce(), "where nothing can be remembered").toBe(false);
});
