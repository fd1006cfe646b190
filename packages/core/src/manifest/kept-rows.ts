import { Row, type RowsOfFile } from './csv-row.js';
import type { RowStart } from './csv-table.js';
import { assetOf } from './expand-track.js';
import type { ExpandedAsset, ExpandedTrack, ExpandedVoice, ExpandedVoices } from './expanded.js';
import type { Span } from './manifest-issue.js';
import type { Place } from './manifest-source.js';
import { NO_TRACKS, type VideoDraft } from './video-builder.js';

/**
 * What is kept of the rows of a CSV file until they are planned. There may be a hundred thousand, and any of them may add
 * to a video of another, so that all are in memory together: each has only what tells it from the others, and makes the
 * rest whenever somebody asks.
 */
abstract class KeptRow implements RowStart {
  protected readonly rows: RowsOfFile;
  readonly at: number;
  readonly line: number;

  constructor(rows: RowsOfFile, { at, line }: RowStart) {
    this.rows = rows;
    this.at = at;
    this.line = line;
  }

  protected placeOf(column: string): Place {
    return new CellPlace(this.rows, this, column);
  }

  protected asset(column: string, written: string): ExpandedAsset {
    return assetOf(written, this.placeOf(column), this.rows.resolve);
  }
}

/** A video that the row is the first to name. */
export class RowVideo extends KeptRow implements VideoDraft {
  readonly id: string;
  readonly #written: string;
  readonly durationMs: number | null;
  tracks = NO_TRACKS;
  hasFaultyTrack = false;

  constructor(rows: RowsOfFile, start: RowStart, of: { id: string; written: string; durationMs: number | null }) {
    super(rows, start);
    this.id = of.id;
    this.#written = of.written;
    this.durationMs = of.durationMs;
  }

  get video(): ExpandedAsset {
    return this.asset('video', this.#written);
  }

  get mask(): null {
    return null;
  }

  get settings(): VideoDraft['settings'] {
    return this.rows.settings;
  }

  get labels(): VideoDraft['labels'] {
    return this.rows.labels;
  }

  get takesTracks(): boolean {
    return true;
  }

  get place(): Place {
    return this.placeOf('video');
  }
}

/** A track of one voice without a mask of its own, as nearly all are. */
class RowTrack extends KeptRow implements ExpandedTrack {
  readonly language: string;
  readonly spelling: string;
  readonly settings: ExpandedTrack['settings'];
  readonly labels: ExpandedTrack['labels'];
  readonly #written: string;
  readonly #durationMs: number | null;

  constructor(rows: RowsOfFile, start: RowStart, track: ExpandedTrack, { asset, durationMs }: ExpandedVoice) {
    super(rows, start);
    this.language = track.language;
    this.spelling = track.spelling;
    this.settings = track.settings;
    this.labels = track.labels;
    this.#written = asset.written;
    this.#durationMs = durationMs;
  }

  get voices(): ExpandedVoices {
    return { kind: 'one', audio: { asset: this.asset('audio', this.#written), durationMs: this.#durationMs } };
  }

  get mask(): null {
    return null;
  }

  get subtitles(): null {
    return null;
  }

  get place(): Place {
    return this.placeOf('lang');
  }
}

/** A track that was read from a row, in less room where that can be. */
export function keptTrack(rows: RowsOfFile, start: RowStart, track: ExpandedTrack): ExpandedTrack {
  const { voices, mask, subtitles } = track;
  if (voices.kind === 'two' || mask !== null || subtitles !== null) return track;
  return new RowTrack(rows, start, track, voices.audio);
}

/** A cell of a row, or its first one where the row has none of that name: where it stands is read again when it is asked. */
export class CellPlace {
  readonly #rows: RowsOfFile;
  readonly #start: RowStart;
  readonly #column: string;

  constructor(rows: RowsOfFile, start: RowStart, column: string) {
    this.#rows = rows;
    this.#start = start;
    this.#column = column;
  }

  get span(): Span {
    const { table, columns, file } = this.#rows;
    const cells = table.rowAt(this.#start);
    const cell = new Row(cells, columns).get(this.#column) ?? cells[0];
    if (cell === undefined) throw new Error(`${file} has no row at ${this.#start.at}`);
    return { file, line: cell.line, column: cell.column, length: cell.length };
  }
}
