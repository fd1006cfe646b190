import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { manifestSchema } from '../../src/index.js';
import { testCatalogue } from '../../testing/test-catalogue.js';

interface JsonSchema {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: boolean | JsonSchema;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
}

const schema = z.toJSONSchema(manifestSchema(testCatalogue), { io: 'input', target: 'draft-7' }) as JsonSchema;

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
    expect(schema).toMatchObject({ additionalProperties: false, required: ['version', 'batch', 'videos'] });
  });
});
