// Several searches as one, so that they need one stream: a browser keeps six connections to a
// market at once, and whoever waits for eight cards would have none left to rent with. Pure.

// Bounds of docs/search.md: 1,024 bytes and 32 comparisons. No comparison is shorter than a word.
const BYTES_MOST = 1_000;
const WORDS_MOST = 30;

export function unionOf(searches: readonly string[]): string {
  // A search that is empty finds everything, and so do all together.
  if (searches.some((one) => one.trim() === "")) return "";
  return searches.length === 1 ? (searches[0] ?? "") : searches.map((q) => `(${q})`).join(" or ");
}

// Whether another can be followed beside these.
export function hasRoom(searches: readonly string[], another: string): boolean {
  const all = unionOf([...searches, another]);
  return (
    new TextEncoder().encode(all).length <= BYTES_MOST &&
    all.split(/\s+/).filter((word) => word !== "or").length <= WORDS_MOST
  );
}

// Whether one offer is found by a search: what is asked to know whose wait is over.
export function searchOfOne(q: string, offer: string): string {
  const one = `id=${offer}`;
  return q.trim() === "" ? one : `${one} (${q})`;
}
