// The words of an offer, wherever offers are shown.
import { words } from "../words.svelte.ts";
import en from "./en.json";

export const t = words(en, () => import("./de.json"));
