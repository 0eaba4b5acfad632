/** The three commitments, as how many slots a view at each lies behind the newest. */
export const kDepth = Object.freeze({ processed: 0, confirmed: 2, finalized: 32 });
export const kCommitments = Object.freeze(Object.keys(kDepth));

/** The strongest commitment of a transaction that many slots old. */
export function commitmentAtAge(slots) {
  if (slots >= kDepth.finalized) return "finalized";
  return slots >= kDepth.confirmed ? "confirmed" : "processed";
}
