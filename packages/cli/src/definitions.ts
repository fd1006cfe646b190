import type { LogRecord } from './log/log-record.js';
import type { Selection } from './select/select-jobs.js';

/** Where text goes: standard output or standard error, or a test's memory. */
export interface TextSink {
  write(text: string): void;
  readonly isTerminal: boolean;
  readonly columns: number;
  readonly rows: number;
  /** `false` once whoever read it has left (`localize … | head`). */
  readonly hasReader?: boolean;
}

/** What the two signals ask for: first no new creates, then nothing more at all. */
export interface Interrupts {
  readonly stop: AbortSignal;
  readonly abort: AbortSignal;
}

/** What moves on a terminal; it stops at its end, and for as long as the process is stopped (Ctrl-Z) or in the background. */
export interface Moving {
  start(): void;
  /** Takes it from the screen. */
  stop(): void;
}

/** Everything of the outer world that a command may touch; `main.ts` is the only place that makes one. */
export interface CommandContext {
  /** Absolute; relative paths of the command line start here. */
  readonly cwd: string;
  /** How the user would type the command again; `localize` by default. */
  readonly name?: string;
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** Data: what a script reads. */
  readonly out: TextSink;
  /** Messages and progress: what a person reads. */
  readonly err: TextSink;
  readonly interrupts: Interrupts;
  /** Set where standard error takes records instead of text. */
  readonly log?: ((record: LogRecord) => void) | undefined;
  readonly version: string;
  readonly host: string;
  /** A yes-or-no question; `null` where nobody can answer. */
  readonly ask: ((question: string) => Promise<boolean>) | null;
  /** A question that is answered with a line; `null` when it was closed unanswered, and where nobody can answer. */
  readonly askText: ((question: string) => Promise<string | null>) | null;
  /**
   * Lets something move on a terminal while this process is in its foreground, and shows nothing of what is typed
   * meanwhile; absent where nobody knows of a foreground. Ends it when called.
   */
  readonly moveInFront?: (moving: Moving) => () => void;
}

/** Options that several commands share, as the command line has them. */
export interface SharedOptions extends Selection {
  readonly state?: string;
  readonly emulate?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
  readonly keepGoing?: boolean;
  readonly allowHost?: readonly string[];
  readonly keyFile?: readonly string[];
  readonly keyCommand?: readonly string[];
  readonly color?: boolean;
}
