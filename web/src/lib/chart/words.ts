// The words of a chart: what it says to those who do not see it.
import { words } from "../words.svelte.ts";
import en from "./en.json";

export const t = words(en, () => import("./de.json"));
