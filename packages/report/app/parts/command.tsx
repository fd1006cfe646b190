import { type MendCommand, parseMends } from '../../src/view-model/index.js';
import { usePrinting } from '../virtual/use-printing.js';
import { CopyButton } from './copy-button.js';

/** The commands that mend something: each shown whole, selectable, with a button for each way to end it. */
export function Command({ text }: { readonly text: string }) {
  return (
    <div class="mend">
      {parseMends(text).map((mend) => (
        <OneCommand key={mend.command} {...mend} />
      ))}
    </div>
  );
}

function OneCommand({ before, command, endings }: MendCommand) {
  const isChoice = endings.length > 0;
  if (usePrinting() && isChoice) {
    return (
      <>
        <p class="muted">One of:</p>
        {endings.map((ending) => (
          <div key={ending} class="command">
            <code>{`${command} ${ending}`}</code>
          </div>
        ))}
      </>
    );
  }
  return (
    <>
      {before !== null && <p class="muted">{before}</p>}
      <div class={isChoice ? 'command command-choice' : 'command'}>
        <code>{command}</code>
        {!isChoice && <CopyButton text={command}>Copy</CopyButton>}
        {endings.map((ending) => (
          <CopyButton key={ending} text={`${command} ${ending}`}>
            <code>{ending}</code>
          </CopyButton>
        ))}
      </div>
    </>
  );
}
