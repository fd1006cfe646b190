import type { JobRow } from './job-rows.js';

/** Videos down, languages across. */
export interface Matrix {
  readonly languages: readonly MatrixLanguage[];
  readonly rows: readonly MatrixRow[];
}

export interface MatrixLanguage {
  readonly language: string;
  /** `12/14`: finished videos of all in the manifest. */
  readonly done: string;
}

export interface MatrixRow {
  readonly video: string;
  /** One for each language; `null` where the manifest has no such job. */
  readonly cells: readonly (JobRow | null)[];
}

/** The jobs as a table of video x language, both in the order in which the manifest names them. */
export function buildMatrix(jobs: readonly JobRow[]): Matrix {
  const names = [...new Set(jobs.map((job) => job.language))];
  const column = new Map(names.map((language, index) => [language, index]));
  const counts = names.map(() => ({ done: 0, all: 0 }));
  const rows = new Map<string, (JobRow | null)[]>();
  for (const job of jobs) {
    const index = column.get(job.language) ?? 0;
    const cells = rows.get(job.video) ?? names.map(() => null);
    cells[index] = job;
    rows.set(job.video, cells);
    const count = counts[index];
    if (count === undefined || job.state === 'orphaned') continue;
    count.all += 1;
    if (job.look === 'succeeded') count.done += 1;
  }
  const languages = names.map((language, index) => ({
    language,
    done: `${counts[index]?.done ?? 0}/${counts[index]?.all ?? 0}`,
  }));
  return { languages, rows: [...rows].map(([video, cells]) => ({ video, cells })) };
}
