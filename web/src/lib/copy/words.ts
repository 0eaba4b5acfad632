// The words of what can be copied.
import { words } from "../words.svelte.ts";
import en from "./en.json";

export const t = words(en, () => import("./de.json"));
