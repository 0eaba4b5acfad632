// The words of choosing and paying for one lease.
import { words } from "../../lib/words.svelte.ts";
import en from "./en.json";

export const t = words(en, () => import("./de.json"));
