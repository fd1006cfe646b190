import {
  ATTEMPT_COLUMNS,
  JOB_COLUMNS,
  LAST_JOB_COLUMNS,
  REPORT_JSON_SCHEMA,
  REPORT_JSON_VERSION,
} from '@localize/report';
import { code, generatedFrom, table } from './markdown.mjs';

/** `docs/report.md`: what the report's files hold, from the schema and the columns that are written. */
export function reportPage() {
  const { properties } = REPORT_JSON_SCHEMA;
  const { jobs, runs, lanes, budget, needs_a_person, cost } = properties;
  return `${generatedFrom('the report’s schema and columns')}

# The report's files

Every run, and \`localize report batch.yaml\`, writes them into \`<output.dir>/<batch>/report/\`:

| file | what it is |
| --- | --- |
| \`index.html\` | the page, as of the latest run or \`report\`; it opens from disk, without a network |
| \`runs/<id>.html\` | what that run did, spent and left, and the batch as it left it; later runs leave it alone. That of a killed run is written when the next one begins |
| \`jobs.csv\`, \`attempts.csv\` | [for a spreadsheet](#csv): one row a job, one row an attempt |
| \`report.json\` | [for a program](#json) |
| \`summary.md\` | for a pull request or a chat |

A run after which every job stands as the run before left it writes its own page, and in \`index.html\`, \`report.json\` and
\`summary.md\` what they say of runs: it stays quick, whatever the number of jobs. Both CSVs would be the same, and stay.
Where \`localize report\` has written them since, a run makes them all anew.

A finished video that the manifest asks for differently by now is named on the first screen, in \`summary.md\`, in the
terminal's summary and in \`differs_from_manifest\`, with the command that buys it again and what that costs. A run knows it
from its look at the jobs; \`localize report\` looks anew. The address \`index.html#job=<key>\`, with \`/\` as \`%2F\`, opens the
page at one job; the page makes it when a job is opened.

What a run has left that was ended early, or was about some jobs only, is named in the same places, in \`left_to_do\` and by
\`status\`, with the command that goes on with it and how much of it is bought and not fetched, until a run is at work.

Times that a person reads are by the clocks of the machine, whose days the money is split by and the caps count; each says
how far they are from UTC. Files for a program have them in UTC.

\`localize report --format html | csv | csv-attempts | json | markdown | summary\` makes one of them, \`--output\` says where,
\`--open\` shows the page. With \`--only\`, \`--lang\`, \`--video\`, \`--provider\` or \`--limit\` its figures are of those jobs, and so
are the commands beside them, as in \`status\`. \`--compare\` sets a run or another batch beside this one, or two of them side by side.

What comes from a manifest or from a provider is shown as text and nothing else: the page's Content-Security-Policy lets only
its own script run and lets it connect nowhere, and a cell of a CSV that a spreadsheet would run gets an apostrophe. In cells
control characters but tabs and line breaks are spaces, and what turns text around is left out: one may be written to a
terminal. No file holds a key or the signature of a URL.

## For a native speaker

\`localize report batch.yaml --lang de\` makes a folder with the videos of one language, their sources and a page to mark them.
It opens without any tool, and names neither routes nor keys nor prices. Of a video whose redo is under way, failed or stopped
it has the earlier one, to look at and not to be marked; standard error says which are left out, and why. \`localize review FILE…\` takes the marks in:

- A mark is bound to the SHA-256 of the file that was looked at. A mark of another file is not taken in, and this is reported; so is
  a mark of a video in whose place somebody has put another file since. \`report\` and \`review\` look at the files themselves.
- A mark that names an unknown route is reported and not taken in; the others of its file are.
- Marks are of finished videos. One that is held, as too short, has its reason and its command instead; a mark of it is
  reported and not taken in.
- Of each reviewer the latest mark of an output counts; the same file taken in twice changes nothing.
- An approved output is not made again without \`--include-approved\`, nor by a run that is at work when the approval comes, as long
  as its create has not left. The same goes for a redo that is disputed or withdrawn by then.
- An output that all its reviewers want made again gets a new seed on the route that made it, or goes to the route that they
  name. \`plan\` lists it with its price; \`run\` makes it on a yes, or with \`--remake\`. Once a run was told to, the next ones go
  on with it without asking, and \`review\` says so of it. Where reviewers disagree nothing is made again.
  \`review --withdraw\` takes back what was said, and ends a redo that was bought and failed, came out too short or was canceled:
  the job has its old video back, which the page plays until then, marked as the earlier one; one that came out too short is linked beside it. Asked for once
  more, it takes a seed that the job was never bought with. A manifest whose \`seed\` or \`provider\` is edited afterwards is the newer word.

## While a run goes on

\`localize run --ui\` serves the same page on this machine alone, under an address with a random token, with read access to it
and to the videos that it names. When the run ends the page stands still and says where the report lies that stays; its videos
play from there, since the server ends with the run. Marks that were made on it are kept for its address alone: download them.

## JSON

\`version\` is ${REPORT_JSON_VERSION}; it is raised when a field is removed or changes its meaning, and not when one is added, so a reader must
not refuse unknown fields. [report.schema.json](report.schema.json) is the JSON Schema. Dollars are decimal texts, exact to the
micro-dollar; an amount that nobody knows is \`null\`, never zero. Times are ISO 8601 in UTC. Each job is on a line of its own.

${fields(REPORT_JSON_SCHEMA)}

### cost

Also in each row of \`cost_by\`. Each attempt counts in exactly one of billed, in flight, at risk and not charged.

${fields(cost)}

### budget

${fields(budget.items)}

### needs_a_person

Also in \`next_run_looks_again\`. In version 1 the two were one list, of jobs alone, with \`mends_itself\` in each.

${fields(needs_a_person.items)}

### runs

${fields(runs.items)}

### lanes

${fields(lanes.items)}

### jobs

${fields(jobs.items)}

### attempts of a job

${fields(jobs.items.properties.attempts.items)}

## CSV

RFC 4180, UTF-8, with a header line. What is unknown is empty. The columns have the meaning of the JSON fields of the same
names; a cell that would be a formula begins with an apostrophe.

\`jobs.csv\`:

${list(JOB_COLUMNS)}

Behind these one column \`label_<key>\` for each label, and last ${list(LAST_JOB_COLUMNS)}

\`attempts.csv\`, and one column \`label_<key>\` for each label of its job; \`day\` is the one of \`cost_by.day\`:

${list(ATTEMPT_COLUMNS)}
`;
}

/** `docs/report.schema.json`. */
export function reportSchema() {
  return `${JSON.stringify(REPORT_JSON_SCHEMA, null, 2)}\n`;
}

function fields({ properties }) {
  const rows = Object.entries(properties).map(([name, schema]) => [
    code(name),
    kindOf(schema),
    schema.description ?? '',
  ]);
  return table(['field', 'is', ''], rows);
}

function kindOf(schema) {
  if ('const' in schema) return code(JSON.stringify(schema.const));
  if (schema.enum)
    return schema.enum.length > 8 ? 'one of a closed list (see the schema)' : schema.enum.map(code).join(', ');
  if (schema.anyOf)
    return `${schema.anyOf
      .filter(({ type }) => type !== 'null')
      .map(kindOf)
      .join(' or ')}, or null`;
  if (schema.type === 'array') return `list of ${kindOf(schema.items)}`;
  if (schema.type === 'object') return 'object';
  if (schema.pattern?.includes('T')) return 'time';
  if (schema.pattern) return 'dollars';
  return (
    { string: 'text', integer: 'whole number', number: 'number', boolean: 'true or false' }[schema.type] ?? schema.type
  );
}

function list(columns) {
  return `${columns.map(code).join(', ')}.`;
}
