// The words of the machines: list, machine, terminal, receipt.
import { words } from "../../lib/words.svelte.ts";
import en from "./en.json";

export const t = words(en, () => import("./de.json"));
