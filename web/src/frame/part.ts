// A part of the page that is fetched when it is wanted. After the market was renewed its name is
// another, and what a browser says then helps nobody: only loading the page anew does.
import { Problem } from "../lib/api.ts";
import { t } from "./words.ts";

export const RENEWED = "renewed"; // the code by which Notice offers to load the page anew

export function part<T>(fetched: Promise<T>): Promise<T> {
  return fetched.catch((error: unknown) => {
    throw error instanceof Problem ? error : renewed();
  });
}

export function renewed(): Problem {
  return new Problem(RENEWED, t("renewed"), t("renewed.action"), 0n, 0);
}

const KEPT = "obelisk-loaded-anew";
const PAUSE_MS = 10_000;

// Loads the page anew where that was not tried just now: a part that was cut on its way comes then,
// and where one is, is in the address. Only for what nobody has begun to use.
export function reloadOnce(nowMs = Date.now()): boolean {
  try {
    if (nowMs - Number(sessionStorage.getItem(KEPT) ?? 0) < PAUSE_MS) return false;
    sessionStorage.setItem(KEPT, String(nowMs));
  } catch {
    return false; // what cannot be remembered could go on for ever
  }
  location.reload();
  return true;
}
