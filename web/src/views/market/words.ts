// The words of the market's figures.
import { words } from "../../lib/words.svelte.ts";
import en from "./en.json";

export const t = words(en, () => import("./de.json"));
