import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';

const SAID_FOR_MS = 2000;

interface Props {
  readonly text: string;
  readonly children: ComponentChildren;
}

/** Copies a text, and says so or says that the browser does not let it. */
export function CopyButton({ text, children }: Props) {
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
      setSaid('Copy it by hand');
    }
  };

  return (
    <button type="button" onClick={copy} aria-label={said ?? `Copy: ${text}`} title={`Copy: ${text}`}>
      <span aria-live="polite">{said ?? children}</span>
    </button>
  );
}
