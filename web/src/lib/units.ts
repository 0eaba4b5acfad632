// Sizes, rates and times as people read them, each with its unit.

const GIB = 1024 ** 3;

export function gibText(bytes: number): string {
  const size = bytes / GIB;
  return `${size >= 10 || Number.isInteger(size) ? Math.round(size) : size.toFixed(1)} GB`;
}

// Data sheets count bandwidth in powers of ten.
export function bandwidthText(bytesPerSecond: number): string {
  if (bytesPerSecond >= 1e12) return `${(bytesPerSecond / 1e12).toFixed(2)} TB/s`;
  if (bytesPerSecond >= 1e9) return `${Math.round(bytesPerSecond / 1e9)} GB/s`;
  if (bytesPerSecond >= 1e6) return `${Math.round(bytesPerSecond / 1e6)} MB/s`;
  return `${Math.round(bytesPerSecond / 1e3)} kB/s`;
}

// "42 s", "12 min", "1 h 05 min", "3 d 4 h": two parts at most, rounded down.
export function durationText(seconds: number): string {
  const s = Math.max(0, Math.floor(seconds));
  if (s < 60) return `${s} s`;
  if (s < 3_600)
    return s % 60 === 0 || s >= 600
      ? `${Math.floor(s / 60)} min`
      : `${Math.floor(s / 60)} min ${s % 60} s`;
  if (s < 86_400) {
    const minutes = Math.floor((s % 3_600) / 60);
    return minutes === 0
      ? `${Math.floor(s / 3_600)} h`
      : `${Math.floor(s / 3_600)} h ${String(minutes).padStart(2, "0")} min`;
  }
  const hours = Math.floor((s % 86_400) / 3_600);
  return hours === 0 ? `${Math.floor(s / 86_400)} d` : `${Math.floor(s / 86_400)} d ${hours} h`;
}

// "640 ms", "1.24 s", "42 s".
export function millisecondsText(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  return ms < 10_000 ? `${(ms / 1_000).toFixed(2)} s` : `${Math.round(ms / 1_000)} s`;
}

// The first and the last of an address, for where the whole one has no room.
export function shortKey(key: string): string {
  return key.length <= 12 ? key : `${key.slice(0, 4)}…${key.slice(-4)}`;
}
