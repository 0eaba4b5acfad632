// The words of what the checks of the page refuse.
import { words } from "../lib/words.svelte.ts";
import { Problem } from "../lib/api.ts";
import en from "./en.json";
import { AGAIN, OUTDATED, Refusal } from "./refusal.ts";

export const t = words(en, () => import("./de.json"));

// A refusal as every error is said: which check, what to do, that it cost nothing. Who stops,
// extends, concedes or claims has the lease already, and another way to do that.
export function inWords(
  error: unknown,
  about: "pay" | "lease" | "concede" | "claim" = "pay",
): unknown {
  if (!(error instanceof Refusal)) return error;
  const what = error.what.slice(0, 60);
  const isOutdated = OUTDATED.includes(error.check);
  const isWallets = error.check.startsWith("wallet-");
  const action = () => {
    if (isOutdated) return t("action.outdated");
    if (isWallets) return t("action.wallet");
    if (AGAIN.includes(error.check)) return t("action.again");
    return about === "pay" ? t("action") : t(`action.${about}`);
  };
  const message = `${t("refused", { check: error.check })} ${t(`check.${error.check}`, { what })}`;
  return new Problem(isOutdated ? "expired" : "refused", message, action(), 0n, 0);
}
