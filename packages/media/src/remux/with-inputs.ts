import { checkContainerEnd } from '../container-end.js';
import { type OpenMedia, openMedia } from '../open-media.js';

export type Open = (source: string) => Promise<OpenMedia>;

/** Lets `use` open files and URLs, and closes them all when it is done. A file whose end is missing does not open. */
export async function withInputs<T>(use: (open: Open) => Promise<T>): Promise<T> {
  const opened: OpenMedia[] = [];
  const open = async (source: string) => {
    const media = await openMedia(source);
    opened.push(media);
    // Reading a file that was cut ends early without an error.
    if (media.file !== null) await checkContainerEnd(media.file);
    return media;
  };
  try {
    return await use(open);
  } finally {
    for (const media of opened) media.close();
  }
}
