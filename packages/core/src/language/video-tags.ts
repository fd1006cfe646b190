import { iso6392 } from './iso-639-2.js';

/** The tags that say what a finished video is, as MP4 has them. @param video its `language` is a canonical tag */
export function videoTags({ title, language }: { readonly title: string; readonly language: string }) {
  return { title, languageCode: iso6392(language), languageTag: language, trackName: language };
}
