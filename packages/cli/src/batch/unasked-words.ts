import { shellWord } from '@localize/core';

/** Why a failed job is not bought again, though that was asked for, and what there is to do. */
export function unaskedWords(key: string, manifest: string): string {
  const settle = `localize settle ${manifest} ${shellWord(key)} --not-bought`;
  return `left as it is, since its failed prediction was or may have been charged, and its provider cannot say now whether its video is there after all: retry it later, or buy another all the same after ${settle}`;
}
