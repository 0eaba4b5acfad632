// Names from outside within words of ours. Pure. <bdi> alone is not enough: an isolate that a name
// opens and does not close takes the end of the <bdi> for its own, and what follows runs backwards.

// Control and direction marks: what they would do to the words around them is never wanted.
const MARKS = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

// No longer than that, without marks, and where it may run the other way closed off from the rest.
export function plain(name: string, most = 60): string {
  const clean = name.slice(0, most * 4).replace(MARKS, "");
  const letters = Array.from(clean);
  const cut = letters.length > most ? `${letters.slice(0, most).join("")}…` : clean;
  return /^[ -~…]*$/.test(cut) ? cut : `\u2068${cut}\u2069`;
}
