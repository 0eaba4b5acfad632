// The words for what happened to a lease.
import { words } from "../../../lib/words.svelte.ts";
import en from "./en.json";

export const t = words(en, () => import("./de.json"));
