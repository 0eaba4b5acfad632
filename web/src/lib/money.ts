// Amounts as people read them: SOL to four significant figures with the exact lamports at hand, USD
// beside it. Money is counted in lamports, as bigint, and never in a float.

const LAMPORTS_PER_SOL = 1_000_000_000n;
const MICRO = 1_000_000n;
const MICRO_PER_CENT = 10_000n;

// "0.006143", "1.235", "12 350": four significant figures, rounded half up, no exponent.
export function solText(lamports: bigint): string {
  return figuresOf(lamports, (step) => step / 2n);
}

// The same for what is said to be the most: it never says less than may be taken.
export function solAtMost(lamports: bigint): string {
  return figuresOf(lamports, (step) => step - 1n);
}

function figuresOf(lamports: bigint, added: (step: bigint) => bigint): string {
  const sign = lamports < 0n ? "-" : "";
  const amount = lamports < 0n ? -lamports : lamports;
  if (amount === 0n) return "0";
  const digits = amount.toString().length;
  const step = digits > 4 ? 10n ** BigInt(digits - 4) : 1n;
  const rounded = ((amount + added(step)) / step) * step;
  const whole = rounded / LAMPORTS_PER_SOL;
  const rest = (rounded % LAMPORTS_PER_SOL).toString().padStart(9, "0").replace(/0+$/, "");
  return rest === "" ? `${sign}${whole}` : `${sign}${whole}.${rest}`;
}

// Every lamport, for titles: "0.006142857 SOL, 6142857 lamports".
export function exactText(lamports: bigint): string {
  const whole = lamports / LAMPORTS_PER_SOL;
  const rest = (lamports % LAMPORTS_PER_SOL).toString().padStart(9, "0");
  return `${whole}.${rest} SOL, ${lamports} lamports`;
}

// "$1.38", "$0.0061": two decimals, or as many as show two figures of what is smaller.
export function usdText(microUsd: bigint): string {
  if (microUsd === 0n) return "$0.00";
  if (microUsd >= MICRO_PER_CENT) {
    const cents = (microUsd + MICRO_PER_CENT / 2n) / MICRO_PER_CENT;
    return `$${cents / 100n}.${(cents % 100n).toString().padStart(2, "0")}`;
  }
  const digits = microUsd.toString().length;
  const step = digits > 2 ? 10n ** BigInt(digits - 2) : 1n;
  const rounded = ((microUsd + step / 2n) / step) * step;
  return `$0.${rounded.toString().padStart(6, "0").replace(/0+$/, "")}`;
}

// What so many lamports are at a rate, in millionths of a dollar, rounded half up.
export function usdOf(lamports: bigint, microUsdPerSol: bigint): bigint {
  return (lamports * microUsdPerSol + LAMPORTS_PER_SOL / 2n) / LAMPORTS_PER_SOL;
}

// What is said beside an amount in SOL: whole cents, "≈ $0.42", and "< $0.01" of what is less.
export function usdBeside(lamports: bigint, microUsdPerSol: bigint): string {
  if (lamports === 0n) return "$0.00";
  const isLess = lamports * microUsdPerSol < LAMPORTS_PER_SOL * MICRO_PER_CENT;
  return isLess ? "< $0.01" : `≈ ${usdText(usdOf(lamports, microUsdPerSol))}`;
}

// The most, as solAtMost: rounded up to the cent.
export function usdAtMost(lamports: bigint, microUsdPerSol: bigint): string {
  const cent = LAMPORTS_PER_SOL * MICRO_PER_CENT;
  const cents = (lamports * microUsdPerSol + cent - 1n) / cent;
  return usdText(cents * MICRO_PER_CENT);
}

export { LAMPORTS_PER_SOL, MICRO };
