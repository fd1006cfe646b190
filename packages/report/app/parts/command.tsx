import { useEffect, useState } from 'preact/hooks';

const SAID_FOR_MS = 2000;

/** A command to copy: shown whole, selectable, with a button where the browser lets a page write the clipboard. */
export function Command({ text }: { readonly text: string }) {
  const [said, setSaid] = useState<string | null>(null);

  useEffect(() => {
    if (said === null) return;
    const timer = setTimeout(() => setSaid(null), SAID_FOR_MS);
    return () => clearTimeout(timer);
  }, [said]);

  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setSaid('Copied');
    } catch {
      setSaid('Select and copy it by hand');
    }
  };

  return (
    <div class="command">
      <code>{text}</code>
      <button type="button" onClick={copy} aria-label={`Copy the command ${text}`}>
        <span aria-live="polite">{said ?? 'Copy'}</span>
      </button>
    </div>
  );
}
