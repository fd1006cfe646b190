import { type MendCommand, parseMends } from '../../src/view-model/index.js';
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
  return (
    <>
      {before !== null && <p class="muted">{before}</p>}
      <div class="command">
        <code>{command}</code>
        {endings.length === 0 && <CopyButton text={command}>Copy</CopyButton>}
        {endings.map((ending) => (
          <CopyButton key={ending} text={`${command} ${ending}`}>
            <code>{ending}</code>
          </CopyButton>
        ))}
      </div>
    </>
  );
}
