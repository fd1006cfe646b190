import { durationWords, priceWords } from '@localize/core';
import { catalogue } from '@localize/providers';
import { chargedWords, lengthWords, providerFacts, routeFacts } from '../../dist/output/route-facts.js';
import { code, generatedFrom, table } from './markdown.mjs';

/** `docs/providers.md`: every provider and route, from the catalogue. */
export function providersPage() {
  return `${generatedFrom('the catalogue')}

# Providers and routes

What \`localize\` knows of each provider, with where it knows it from. \`localize routes\` prints the same, and
\`localize routes --json\` for scripts. Your account may differ: set \`price\`, \`limits\` or \`tier\` below
[\`providers\`](manifest-reference.md#providers), and they count instead.

Where a price is not published, a plan says so and counts such jobs apart; what they cost is learned from the provider
afterwards, where it tells. An assumed limit is a cautious guess, and \`plan\` names it.

${catalogue.providers.map(providerSection).join('\n\n')}

## Where facts come from

Each fact has its source and the day on which that was read. In the code, comments name sources in the same way:

| mark | source |
| --- | --- |
| \`[page fal]\` | the provider's own page of that very model, which counts before all others: \`vibedream\`, \`eachlabs\`, \`wavespeed\`, \`wavespeed multi\` (the route with two voices), \`fal\` |
| \`[doc errors]\` | a page of the provider's documentation or its published OpenAPI description, by name |
| \`[client source …]\` | a client that the provider publishes: \`falclient\` is \`@fal-ai/client\`, \`falpy\` fal's Python client, \`wsjs\` \`wavespeed\` on npm, \`wscli\` and \`wsmcp\` WaveSpeedAI's command line and MCP server |
| \`[issues …]\` | the provider's own issue tracker, by repository and number |
| \`[3p]\` | what others have published of the provider: prices, probes of its API. Of less weight than all above |
| \`[assumed]\` | nothing states it: a cautious reading of ours |

A list's lag is assumed everywhere: no page states one.
`;
}

/** The README's table: what a second costs where, and what a failure costs. */
export function priceTable() {
  const rows = catalogue.routes.map((route) => [
    code(route.id),
    route.voices === 1 ? 'one' : 'two',
    priceWords(route.price),
    lengthWords(route, route.frames),
    chargedWords(route.failedPrediction).replace(/^(is|may be) /, (_, verb) => (verb === 'is' ? '' : 'may be ')),
  ]);
  return table(['route', 'voices', 'price', 'length', 'a failed prediction'], rows);
}

function providerSection(provider) {
  const routes = catalogue.routes.filter((route) => route.provider === provider.id);
  return [`## ${provider.title}`, providerTable(provider), ...tiers(provider), ...routes.map(routeSection)].join(
    '\n\n',
  );
}

function providerTable(provider) {
  const { hosts, auth, keysAre, listingLagMs, upload } = provider;
  const known = Object.fromEntries(providerFacts(provider));
  return table(
    ['', ''],
    [
      ['key', `${code(known.key)}, sent as ${auth.map(code).join(' or ')}`],
      [
        'hosts',
        Object.entries(hosts)
          .map(([name, url]) => `${code(name)} ${url}`)
          .join('<br>'),
      ],
      ['limits', known.limits],
      ['several keys', keysAre === 'shared' ? 'share the limits of one account' : 'are an account each'],
      ['local files', uploadWords(upload)],
      ['a lost create', lookupWords(listingLagMs)],
    ],
  );
}

function uploadWords(upload) {
  if (upload === null) return 'are not taken: https URLs, or a bucket of yours (`staging`)';
  const most = upload.maximumBytes === null ? '' : `, up to ${upload.maximumBytes / 1_000_000} MB`;
  const kept = upload.keptMs === null ? '' : `, kept for ${upload.keptMs / 86_400_000} days`;
  return `are uploaded to it${most}${kept}`;
}

function lookupWords(listingLagMs) {
  if (listingLagMs === null) return 'cannot be looked up: there is no list';
  return `is looked for in its list, which is assumed to lag by up to ${durationWords(listingLagMs)}`;
}

function tiers({ tiers: known }) {
  const rows = Object.entries(known).map(([name, { creates, perMs, concurrent }]) => [
    code(name),
    `${creates} in ${durationWords(perMs)}`,
    concurrent,
  ]);
  return rows.length === 0 ? [] : [table(['tier', 'creates', 'open at once'], rows)];
}

function routeSection(route) {
  const facts = routeFacts(route).filter(([name]) => name !== 'note');
  const times = [
    ['usual time', `${route.usual.fixedSeconds} s, and ${route.usual.secondsPerSecond} s a second of output`],
    ['held after', durationWords(route.timeoutMs)],
  ];
  const notes = route.notes.map((note) => `- ${note}`).join('\n');
  const heading = `### ${code(route.id)}\n\n${route.title}`;
  return [heading, table(['', ''], [...facts, ...times]), ...(notes ? [notes] : [])].join('\n\n');
}
