import { describe, expect, it } from 'vitest';
import { manifestJsonSchema } from '../../src/index.js';
import { testCatalogue } from '../../testing/test-catalogue.js';

interface JsonSchema {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: boolean | JsonSchema;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
}

const schema = manifestJsonSchema(testCatalogue) as JsonSchema;

function fieldsWithoutDescription(node: JsonSchema, path: string): string[] {
  const own = Object.entries(node.properties ?? {}).flatMap(([name, field]) => [
    ...(field.description === undefined ? [`${path}.${name}`] : []),
    ...fieldsWithoutDescription(field, `${path}.${name}`),
  ]);
  const inner = [node.items, ...(node.anyOf ?? []), node.additionalProperties];
  return [
    ...own,
    ...inner.flatMap((child) => (typeof child === 'object' ? fieldsWithoutDescription(child, path) : [])),
  ];
}

describe('the JSON Schema of the manifest', () => {
  it('describes every field', () => {
    expect(fieldsWithoutDescription(schema, 'manifest')).toEqual([]);
  });

  it('knows the providers, routes and options of the catalogue', () => {
    const text = JSON.stringify(schema);
    for (const word of ['"cheapest"', '"globex/duet"', '"silver"', '"slow"', '"upload_url"', '"max_frames"']) {
      expect(text).toContain(word);
    }
  });

  it('refuses unknown fields and asks for the needed ones', () => {
    expect(schema).toMatchObject({ additionalProperties: false, required: ['batch', 'videos'] });
  });

  it('asks for a version where no other file may have it', () => {
    expect(schema).toMatchObject({ anyOf: [{ required: ['version'] }, { required: ['extends'] }] });
  });

  it('lets an entry of `videos` be of one kind', () => {
    expect(schema.properties?.videos?.items).toMatchObject({
      oneOf: [{ required: ['source'] }, { required: ['from'] }, { required: ['csv'] }],
    });
  });

  it('gives lengths a pattern that takes what the manifest takes', () => {
    const timeout = schema.properties?.providers?.properties?.acme?.properties?.timeout as { pattern?: string };
    const pattern = new RegExp(timeout.pattern ?? '');
    expect(['31.2s', '45m', '24h', '500ms'].every((text) => pattern.test(text))).toBe(true);
    expect(['31', '20 seconds', ''].some((text) => pattern.test(text))).toBe(false);
  });
});
