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
