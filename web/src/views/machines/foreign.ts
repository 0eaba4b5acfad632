// Lines from outside, as of logs and events, made harmless: they are shown as text alone, so what
// is left to fear are control characters and marks that turn the direction of everything around
// them. What was in them stays to be seen. Names, which stand within words of ours, lose it:
// lib/text.ts. Pure.

const TURNS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

// Control characters become pictures of themselves; line feeds and tabs stay where they may.
export function harmless(text: string, most = 65536, keepsLines = false): string {
  const cut = text.length > most ? `${text.slice(0, most)}…` : text;
  return cut
    .replace(/[\u0000-\u001f\u007f-\u009f]/g, (c) => {
      if (keepsLines && (c === "\n" || c === "\t")) return c;
      const code = c.charCodeAt(0);
      if (code < 0x20) return String.fromCharCode(0x2400 + code);
      return code === 0x7f ? "\u2421" : "\ufffd";
    })
    .replace(TURNS, "\ufffd");
}
