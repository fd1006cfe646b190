import type { FileStamp } from './plan.js';

/** What the plan needs to know of a media file; `@localize/media`'s facts fit. Lengths are whole milliseconds. */
export interface MediaFactsLike {
  /** What the file was when it was looked at; absent of URLs. */
  readonly file?: FileStamp | undefined;
  readonly durationMs: number;
  /** End of the audio track alone, where it is known. */
  readonly audioDurationMs?: number | null;
  /** `mp4`, `mov`, `webm`, `mp3`, `wav`, `m4a`, …; of a picture `png`, `jpeg`, `gif`, `webp`. */
  readonly container: string;
  readonly video: { readonly width: number; readonly height: number; readonly codec: string } | null;
  /** Whether nothing can be heard; `null` where that cannot be told. Absent where nobody listened. */
  readonly silent?: boolean | null;
  readonly audio: {
    readonly codec: string;
    readonly channels: number;
    readonly sampleRate: number;
    /** Whether it can be mixed with another sound. */
    readonly decodable: boolean;
  } | null;
}

/** What looking at one asset gave. */
export type AssetMedia =
  | { readonly facts: MediaFactsLike }
  | {
      readonly error: {
        readonly code: string;
        readonly message: string;
        /** Path of the file that was most likely meant where there is none. */
        readonly nearest?: string;
        /** A folder is where a file must be. */
        readonly isFolder?: boolean;
        /** What a link leads to, where nothing is there. */
        readonly linkTo?: string;
      };
    };

/** By `assetName`. An asset that is not in it was not looked at, and nothing is said of it. */
export type MediaByAsset = ReadonlyMap<string, AssetMedia>;
