/**
 * Chance that can be played again. A row of numbers belongs to a seed and to what is decided with
 * it, so that the calls of one method do not shift the decisions about another's.
 */

const kFnvOffset = 0x811c9dc5;
const kFnvPrime = 0x01000193;
const kGolden = 0x9e3779b9;

function hashOf(text) {
  let hash = kFnvOffset;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), kFnvPrime);
  }
  return hash >>> 0;
}

/** A generator of numbers in [0, 1): the same seed and names give the same row. */
export function generator(seed, ...names) {
  let state = hashOf([seed, ...names].join("/"));
  return () => {
    state = (state + kGolden) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    return ((mixed ^ (mixed >>> 16)) >>> 0) / 0x1_0000_0000;
  };
}

/** One of a list. */
export const oneOf = (list, random) => list[Math.floor(random() * list.length)];

/** The list in another order. @template T @param {T[]} list @returns {T[]} */
export function shuffled(list, random) {
  const out = [...list];
  for (let index = out.length - 1; index > 0; index -= 1) {
    const other = Math.floor(random() * (index + 1));
    [out[index], out[other]] = [out[other], out[index]];
  }
  return out;
}
