let translations: Readonly<Record<string, string>> = {};

/** Translations by English text, as `vscode.l10n.bundle` has them. */
export function configure(bundle: Readonly<Record<string, string>>): void {
  translations = bundle;
}

/** The text in the user's language, with {0}, {1}… filled in. */
export function t(message: string, ...values: readonly (string | number)[]): string {
  const text = Object.hasOwn(translations, message) ? translations[message]! : message;
  return text.replace(/\{(\d+)\}/g, (placeholder, position: string) => {
    const value = values[Number(position)];
    return value === undefined ? placeholder : String(value);
  });
}
