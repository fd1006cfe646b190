/** A mending command taken apart, so that each button of the page copies something that can be run as it is. */
export interface MendCommand {
  /** What to do by hand first, in words. */
  readonly before: string | null;
  readonly command: string;
  /** Ways to end the command, of which a person picks one; empty where it is whole. */
  readonly endings: readonly string[];
}

/** The commands of which any may mend it: `localize m.yaml | localize retry m.yaml --only k`, what costs nothing first. */
export function parseMends(text: string): MendCommand[] {
  return text.split(ALTERNATIVES).map(parseMend);
}

/** Each way to mend it with its command whole: what a list shows. */
export function mendWays(text: string): Pick<MendCommand, 'before' | 'command'>[] {
  return parseMends(text).flatMap(({ before, command, endings }) => {
    const whole = endings.length === 0 ? [command] : endings.map((ending) => `${command} ${ending}`);
    return whole.map((each) => ({ before, command: each }));
  });
}

const ALTERNATIVES = / \| (?=(?:[a-z][^|]*, then: )?localize )/;

/**
 * `move the file away, then: localize m.yaml` has something to do first;
 * `localize settle m.yaml k --prediction ID | --not-bought | --abandon` has three endings.
 */
function parseMend(text: string): MendCommand {
  const [, before, rest] = /^(.+?, then): (localize .+)$/.exec(text) ?? [];
  const command = rest ?? text;
  const [, start, endings] = /^(localize settle .+?(?: --attempt \d+)?) (--[^|]+(?: \| --[^|]+)+)$/.exec(command) ?? [];
  return {
    before: before === undefined ? null : `${capitalize(before)}:`,
    command: start ?? command,
    endings: endings?.split(' | ') ?? [],
  };
}

function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
