// The words of hosting: how to join, and one host.
import { words } from "../../lib/words.svelte.ts";
import en from "./en.json";

export const t = words(en, () => import("./de.json"));
