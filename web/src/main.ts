// The page's beginning: language, look, address; then the view that the address names.
import "./app.css";
import { mount } from "svelte";
import App from "./frame/App.svelte";
import { firstLanguage, speak } from "./lib/words.svelte.ts";
import * as route from "./lib/route.svelte.ts";
import * as theme from "./lib/theme.svelte.ts";

theme.start();
route.start();
await speak(firstLanguage());
const target = document.getElementById("page");
if (target) mount(App, { target });
