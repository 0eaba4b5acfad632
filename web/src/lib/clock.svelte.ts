// One clock for everything that counts on the screen: it ticks while somebody looks.

let now = $state(Date.now());
let readers = 0;
let timer: ReturnType<typeof setInterval> | undefined;

// For use in an $effect: keeps the clock going until the returned function is called.
export function keepTicking(everyMs = 250): () => void {
  if (++readers === 1)
    timer = setInterval(() => {
      now = Date.now();
    }, everyMs);
  now = Date.now();
  return () => {
    if (--readers === 0) clearInterval(timer);
  };
}

export function nowMs(): number {
  return now;
}
