// Dark or light: as the system has it, until one chooses.

type Theme = "dark" | "light";
const KEPT = "obelisk-theme";
let chosen = $state<Theme | undefined>();

export function theme(): Theme {
  return chosen ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
}

export function choose(wanted: Theme): void {
  chosen = wanted;
  document.documentElement.dataset.theme = wanted;
  try {
    localStorage.setItem(KEPT, wanted);
  } catch {
    // Private windows may keep nothing.
  }
}

export function start(): void {
  try {
    const kept = localStorage.getItem(KEPT);
    if (kept === "dark" || kept === "light") choose(kept);
  } catch {
    // As above.
  }
}
