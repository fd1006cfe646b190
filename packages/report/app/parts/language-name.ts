const names = new Intl.DisplayNames(['en'], { type: 'language', fallback: 'none' });

/** `German (de)`; the tag alone where the browser knows no name for it. */
export function languageName(tag: string): string {
  try {
    const name = names.of(tag);
    return name ? `${name} (${tag})` : tag;
  } catch {
    // What is no language tag has no name; a hostile one is still shown as it is.
    return tag;
  }
}
