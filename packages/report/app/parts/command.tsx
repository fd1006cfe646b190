import { parseMend } from '../../src/view-model/index.js';
import { CopyButton } from './copy-button.js';

/** A mending command: shown whole, selectable, with a button for each way to end it. */
export function Command({ text }: { readonly text: string }) {
  const { before, command, endings } = parseMend(text);
  return (
    <div class="mend">
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
    </div>
  );
}
