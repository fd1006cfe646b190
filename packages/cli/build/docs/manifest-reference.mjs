import { manifestJsonSchema } from '@localize/core';
import { catalogue } from '@localize/providers';
import { code, generatedFrom, table } from './markdown.mjs';

/** `docs/manifest-reference.md`: every field of the manifest, from the schema that checks it. */
export function manifestReference() {
  const schema = manifestJsonSchema(catalogue);
  const { defaults, providers, videos } = schema.properties;
  const track = trackOf(videos.items);
  const settings = Object.keys(defaults.properties);
  const shared = `Also every field of [\`defaults\`](#defaults), for this`;
  return `${generatedFrom('the schema')}

# Manifest reference

Every field of a manifest, with what it takes. [manifest.md](manifest.md) says how they work together, and
[manifests/demo.yaml](../manifests/demo.yaml) is a whole one with comments. The same text shows up in an editor when the
manifest's first line names the schema, which \`localize schema > manifest.schema.json\` writes:

\`\`\`yaml
# yaml-language-server: $schema=./manifest.schema.json
\`\`\`

Fields in **bold** are needed. A length of time is a number with a unit: \`500ms\`, \`31.2s\`, \`45m\`, \`24h\`, \`7d\`. A path
starts at the folder of the manifest. An amount is in US dollars.

## The whole

${fieldTable(schema, { links: { defaults: 'defaults', providers: 'providers', videos: 'videos' } })}

## defaults

Also the settings that a video or a track may set for itself.

${fieldTable(defaults)}

## videos

Each entry has one of \`source\`, \`from\` and \`csv\`.

${fieldTable(videos.items, { without: settings, links: { tracks: 'tracks' } })}

${shared} video.

## tracks

Below \`tracks\`, by language tag: the path or URL of the audio, or a mapping with these fields.

${fieldTable(track, { without: settings })}

${shared} track.

## providers

Below \`providers\`, by provider: ${Object.keys(providers.properties).map(code).join(', ')}. What all of them take:

${fieldTable(providers.properties.fal, { only: isCommon(providers) })}

${Object.entries(providers.properties)
  .map(([id, section]) => `### providers.${id}\n\n${fieldTable(section, { only: (row) => !isCommon(providers)(row) })}`)
  .join('\n\n')}
`;
}

/** Whether a field means the same for every provider; told by its row. */
function isCommon({ properties }) {
  const all = Object.values(properties).map((section) => new Set(rowsOf(section, '', {}).map(ownText)));
  return (row) => all.every((rows) => rows.has(ownText(row)));
}

/** What a row says, whatever its fields below say. */
function ownText([path, field]) {
  return JSON.stringify([path, typeWords(field), field.description]);
}

function trackOf(video) {
  const byLanguage = video.properties.tracks.anyOf.find((shape) => shape.type === 'object');
  return byLanguage.additionalProperties.anyOf.find((shape) => shape.type === 'object');
}

/**
 * The fields of a mapping, those of mappings in it below theirs with a dot.
 * @param {{ without?: readonly string[], only?: (row: unknown[]) => boolean, links?: Record<string, string> }} [options]
 *   `links`: fields with a section of their own
 */
function fieldTable(schema, { without = [], only = () => true, links = {} } = {}) {
  const rows = rowsOf(schema, '', links).filter((row) => !without.includes(row[0].split(/[.[]/)[0]) && only(row));
  return table(
    ['field', 'takes', 'what it means'],
    rows.map(([name, field, needed]) => {
      const shown = needed ? `**${code(name)}**` : code(name);
      const takes = links[name] ? `[${links[name]}](#${links[name]})` : typeWords(field);
      return [shown, takes, `${field.description}${exampleWords(field)}`];
    }),
  );
}

function rowsOf(schema, prefix, links) {
  const needed = [...(schema.required ?? []), ...(schema.anyOf?.[0]?.required ?? [])];
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const path = `${prefix}${name}`;
    // A mapping without a field is there for its shape alone.
    if (field.type === 'object' && field.properties && Object.keys(field.properties).length === 0) return [];
    const below = links[path]
      ? []
      : mappingsIn(field).flatMap(([suffix, inner]) => rowsOf(inner, path + suffix, links));
    return [[path, field, needed.includes(name)], ...below];
  });
}

/** The mappings that a field may be or hold, each with what its fields' names begin with. */
function mappingsIn(field) {
  if (field.anyOf) {
    const found = new Map(
      field.anyOf.flatMap(mappingsIn).map(([suffix, inner]) => [JSON.stringify(inner), [suffix, inner]]),
    );
    return [...found.values()];
  }
  if (field.type === 'array') return mappingsIn(field.items).map(([, inner]) => ['[].', inner]);
  if (field.type !== 'object') return [];
  if (field.properties) return [['.', field]];
  // Free names: what each of them may hold.
  const values = typeof field.additionalProperties === 'object' ? mappingsIn(field.additionalProperties) : [];
  return values.map(([suffix, inner]) => [`.<name>${suffix}`, inner]);
}

function typeWords(field) {
  if (field.enum) return field.enum.map(code).join(', ');
  if (field.anyOf) return unionWords(field.anyOf);
  if (field.type === 'array') return `a list: ${typeWords(field.items)}`;
  if (field.type === 'object') return field.additionalProperties ? 'names with values' : 'a mapping';
  if (field.pattern?.includes('ms|s|m|h|d')) return 'a length of time';
  if (field.pattern?.endsWith('%$')) return 'a share, such as `10%`';
  if (field.type === 'integer') return integerWords(field);
  return { string: 'text', boolean: '`true`, `false`' }[field.type] ?? typesWords(field.type);
}

/** One thing or a list of such things is written shorter than by its shapes. */
function unionWords(shapes) {
  const items = shapes.filter(({ type }) => type === 'array').map((shape) => typeWords(shape.items));
  const alone = [...new Set(shapes.filter(({ type }) => type !== 'array').map(typeWords))];
  const lists = items.map((item) => (alone.includes(item) ? 'a list of such' : `a list: ${item}`));
  return [...alone, ...lists].join('; or ');
}

function integerWords({ minimum, maximum }) {
  if (minimum === undefined && maximum === undefined) return 'a whole number';
  if (maximum === undefined || maximum === Number.MAX_SAFE_INTEGER) return `a whole number from ${minimum}`;
  return `a whole number from ${minimum} to ${maximum}`;
}

function typesWords(types) {
  if (types.includes('number')) return 'an amount';
  return types.includes('null') ? 'text, or `null`' : types.join(', or ');
}

function exampleWords({ examples, type, pattern }) {
  const isPlain = type === 'string' && !pattern && examples;
  return isPlain ? ` Such as ${examples.map(code).join(', ')}.` : '';
}
