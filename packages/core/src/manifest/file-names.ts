/** Paths with `/` between folders, so that patterns mean the same on every system. */
export function slashed(path: string): string {
  return path.replaceAll('\\', '/');
}

/** The last part of a path or URL without its extension: `./media/keynote.v2.mp4` -> `keynote.v2`. */
export function fileStem(path: string): string {
  const bare = /^https?:\/\//i.test(path) ? decoded(new URL(path).pathname) : slashed(path);
  const name = bare.slice(bare.lastIndexOf('/') + 1);
  return name.replace(/(?<=.)\.[^.]*$/, '').normalize('NFC');
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return text;
    throw error;
  }
}
