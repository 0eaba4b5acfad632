// The words of paying: what the checks of the page refuse, and of what can be copied.
import { words } from "../lib/words.svelte.ts";
import { Problem } from "../lib/api.ts";
import en from "./en.json";
import { OUTDATED, Refusal } from "./refusal.ts";

export const t = words(en, () => import("./de.json"));

// A refusal as every error is said: which check, what to do, that it cost nothing.
export function inWords(error: unknown): unknown {
  if (!(error instanceof Refusal)) return error;
  const what = error.what.slice(0, 60);
  const isOutdated = OUTDATED.includes(error.check);
  const isWallets = error.check.startsWith("wallet-");
  const action = isOutdated ? t("action.outdated") : isWallets ? t("action.wallet") : t("action");
  const message = `${t("refused", { check: error.check })} ${t(`check.${error.check}`, { what })}`;
  return new Problem(isOutdated ? "expired" : "refused", message, action, 0n, 0);
}
