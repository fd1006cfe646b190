/** Colours of the terminal, or none at all. */
export interface Paint {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly red: (text: string) => string;
  readonly green: (text: string) => string;
  readonly yellow: (text: string) => string;
}

const ESCAPE = '\u001b[';

export function createPaint(color: boolean): Paint {
  const sgr = (open: number, close: number) => (text: string) =>
    color && text !== '' ? `${ESCAPE}${open}m${text}${ESCAPE}${close}m` : text;
  return { bold: sgr(1, 22), dim: sgr(2, 22), red: sgr(31, 39), green: sgr(32, 39), yellow: sgr(33, 39) };
}
