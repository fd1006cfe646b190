import { count, plainText } from '@localize/core';
import type { LookNow, ShowLook } from '../batch/probe-assets.js';
import type { CommandContext, SharedOptions } from '../definitions.js';
import { createPaint, wantsColor } from '../output/paint.js';
import { bar } from './bar.js';
import { canMove, hasRoom, startMoving } from './start-moving.js';

/** What is over sooner needs no bar. */
const REDRAW_MS = 200;
/** A server may take half a minute to say nothing; nobody should wonder for so long what goes on. */
const LINE_EVERY_MS = 5_000;
/** Before the bar, behind it, and the last column. */
const MARGINS = 4;

/** How a look at media files is shown: a bar on a terminal, a line now and then elsewhere, nothing where nobody wants to know. */
export function lookDisplay(context: CommandContext, options: SharedOptions): ShowLook | undefined {
  if (options.quiet || options.json) return undefined;
  const { err, log } = context;
  if (canMove(context, err) && hasRoom(err) && !log) return (now) => showBar(context, options, now);
  return showLines((line) => err.write(`${line}\n`), LINE_EVERY_MS);
}

/** Says every now and then how far a look is, until the function that it returns is called. */
export function showLines(say: (line: string) => void, everyMs: number): ShowLook {
  return (now) => {
    const timer = setInterval(() => {
      const { done, of, places } = now();
      say(`looked at ${done} of ${count(of, 'media file')}${placesWords('; now at ', places)}`);
    }, everyMs).unref();
    return () => clearInterval(timer);
  };
}

function showBar(context: CommandContext, options: SharedOptions, now: () => LookNow): () => void {
  let end: (() => void) | null = null;
  let isOver = false;
  const begin = async () => {
    // What draws is loaded by those alone who wait.
    const { createLiveScreen } = await import('../output/live-screen.js');
    if (isOver) return;
    const paint = createPaint(wantsColor(context, context.err, options.color));
    const screen = createLiveScreen(context.err);
    let timer: NodeJS.Timeout | undefined;
    const draw = () => {
      if (!hasRoom(context.err)) return screen.clear();
      const { done, of, places } = now();
      const words = `${done} of ${count(of, 'media file')} looked at`;
      const room = context.err.columns - MARGINS - words.length;
      screen.draw([`  ${bar({ done, of }, paint, room)}${words}${placesWords(' · now at ', places)}`]);
    };
    end = startMoving(context, {
      start: () => {
        draw();
        timer = setInterval(draw, REDRAW_MS);
      },
      stop: () => {
        clearInterval(timer);
        screen.clear();
        screen.end();
      },
    });
  };
  const starting = setTimeout(() => void begin(), REDRAW_MS);
  return () => {
    isOver = true;
    clearTimeout(starting);
    end?.();
  };
}

function placesWords(before: string, places: readonly string[]): string {
  return places.length === 0 ? '' : `${before}${plainText(places.join(', '))}`;
}
