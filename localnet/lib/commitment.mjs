/** The three commitments, as how many blocks a view at each lies behind the newest. */
export const kDepth = Object.freeze({ processed: 0, confirmed: 2, finalized: 32 });
export const kCommitments = Object.freeze(Object.keys(kDepth));
