import type { JobRow } from './job-rows.js';

/** Videos down, languages across. */
export interface Matrix {
  readonly languages: readonly string[];
  readonly rows: readonly MatrixRow[];
}

export interface MatrixRow {
  readonly video: string;
  /** One for each language; `null` where the manifest has no such job. */
  readonly cells: readonly (JobRow | null)[];
}

/** The jobs as a table of video x language, both in the order in which the manifest names them. */
export function buildMatrix(jobs: readonly JobRow[]): Matrix {
  const languages = [...new Set(jobs.map((job) => job.language))];
  const column = new Map(languages.map((language, index) => [language, index]));
  const rows = new Map<string, (JobRow | null)[]>();
  for (const job of jobs) {
    const cells = rows.get(job.video) ?? languages.map(() => null);
    cells[column.get(job.language) ?? 0] = job;
    rows.set(job.video, cells);
  }
  return { languages, rows: [...rows].map(([video, cells]) => ({ video, cells })) };
}
