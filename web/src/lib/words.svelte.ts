// Every word of the page, from message files: each view has an en.json and a de.json beside it,
// with the same names. English comes with the view; another language is fetched when it is wanted.

export const languages = { en: "English", de: "Deutsch" } as const;
export type Language = keyof typeof languages;
export type Values = Record<string, string | number>;
type Messages = Record<string, string>;

const KEPT = "obelisk-language";
let language = $state<Language>("en");
// Those of each view that was ever shown: they change their language together.
const areas: { load: () => Promise<{ default: Messages }>; messages: Messages | undefined }[] = [];
let loaded = $state(0);

export function currentLanguage(): Language {
  return language;
}

// The words of one view: `t(name, values)` with {names} filled in. What a language lacks is
// said in English.
export function words<En extends Messages>(
  en: En,
  german: () => Promise<{ default: Messages }>,
): (name: keyof En & string, values?: Values) => string {
  const area = { load: german, messages: undefined as Messages | undefined };
  areas.push(area);
  if (language === "de") void settled();
  return (name, values = {}) => {
    void loaded; // so that what is shown follows
    const text = (language === "de" ? area.messages?.[name] : undefined) ?? en[name] ?? name;
    return text.replace(/\{([a-z_]+)\}/g, (whole, key: string) => String(values[key] ?? whole));
  };
}

// Done once every view that is there has the words of the language: nothing is shown in two.
export async function settled(): Promise<void> {
  if (language !== "de") return;
  const missing = areas.filter((area) => !area.messages);
  await Promise.all(
    missing.map(async (area) => {
      area.messages = (await area.load()).default;
    }),
  );
  loaded += 1;
}

export async function speak(wanted: Language): Promise<void> {
  if (wanted === "de") {
    await Promise.all(
      areas.map(async (area) => {
        area.messages ??= (await area.load()).default;
      }),
    );
  }
  language = wanted;
  document.documentElement.lang = wanted;
  try {
    localStorage.setItem(KEPT, wanted);
  } catch {
    // Private windows may keep nothing: the choice then ends with the page.
  }
}

// The language that was chosen here before, or the browser's own.
export function firstLanguage(): Language {
  let kept: string | null = null;
  try {
    kept = localStorage.getItem(KEPT);
  } catch {
    // As above.
  }
  return (kept ?? navigator.language).startsWith("de") ? "de" : "en";
}
