import type { Provider } from '@localize/core';

/** A provider with a storage of its own that keeps each upload for as long as is said. @param uploads gets their paths */
export function countingUploads(
  inner: Provider,
  uploads: string[],
  url: () => string,
  keptMs: number | null = null,
): Provider {
  const upload: Provider['upload'] = async (file) => {
    uploads.push(file.path);
    // Long enough for every job of the run to ask for it meanwhile.
    await new Promise((resolve) => setTimeout(resolve, 150));
    return { outcome: 'uploaded', url: url(), keptMs };
  };
  return { ...inner, upload };
}
