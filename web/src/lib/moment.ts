// Moments as people read them, in their own time and of 24 hours in both languages: American
// English would count to 12 twice. Pure.

const localeOf = (language: string): string => (language === "en" ? "en-GB" : language);

function textOf(seconds: number, language: string, style: Intl.DateTimeFormatOptions): string {
  const date = new Date(seconds * 1_000);
  return Number.isNaN(date.getTime())
    ? ""
    : new Intl.DateTimeFormat(localeOf(language), style).format(date);
}

// "29 Nov 2026, 22:59".
export const momentText = (seconds: number, language: string): string =>
  textOf(seconds, language, { dateStyle: "medium", timeStyle: "short" });

// "29 Nov 2026, 22:59:28": leases are counted by seconds.
export const secondText = (seconds: number, language: string): string =>
  textOf(seconds, language, { dateStyle: "medium", timeStyle: "medium" });

// "29/11/2026, 22:59:28": of many in a list.
export const shortSecondText = (seconds: number, language: string): string =>
  textOf(seconds, language, { dateStyle: "short", timeStyle: "medium" });

export const hourText = (seconds: number, language: string): string =>
  textOf(seconds, language, { hour: "2-digit", minute: "2-digit" });

export const dayText = (seconds: number, language: string): string =>
  textOf(seconds, language, { day: "numeric", month: "short" });

// Whole Unix seconds of a time as the API writes it; 0 where there is none.
export const secondsOf = (time: string | undefined): number =>
  time === undefined ? 0 : Math.floor(Date.parse(time) / 1_000) || 0;
