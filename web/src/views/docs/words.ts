// The words of "How it works".
import { words } from "../../lib/words.svelte.ts";
import en from "./en.json";

export const t = words(en, () => import("./de.json"));
