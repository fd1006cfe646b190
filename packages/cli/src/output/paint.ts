import { styleText } from 'node:util';
import type { CommandContext, TextSink } from '../definitions.js';

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

/** Colours a text, or leaves it as it is. */
export type Paint = (style: Style, text: string) => string;

/** Whether colours may go to `sink`: `--no-color`, `NO_COLOR`, `FORCE_COLOR` and `TERM=dumb` are honoured. */
export function wantsColor(context: CommandContext, sink: TextSink, option: boolean | undefined): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = context.variables;
  if (option === false || NO_COLOR) return false;
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== '0') return true;
  return sink.isTerminal && TERM !== 'dumb';
}

export function createPaint(color: boolean): Paint {
  return (style, text) => (color ? styleText(style, text) : text);
}
