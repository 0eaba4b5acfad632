// The words of the frame, and of what every view shares.
import { words } from "../lib/words.svelte.ts";
import en from "./en.json";

export const t = words(en, () => import("./de.json"));
