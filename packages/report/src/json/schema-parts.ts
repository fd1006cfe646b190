/** A JSON Schema as plain data. */
export type JsonSchema = Readonly<Record<string, unknown>>;

export const TEXT: JsonSchema = { type: 'string' };
export const COUNT: JsonSchema = { type: 'integer', minimum: 0 };
export const FLAG: JsonSchema = { type: 'boolean' };
export const TIME: JsonSchema = { type: 'string', pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z$' };
export const SECONDS: JsonSchema = { type: 'number', minimum: 0, description: 'seconds, to the millisecond' };
export const USD: JsonSchema = {
  type: 'string',
  pattern: '^\\d+\\.\\d{2,6}$',
  description: 'US dollars, exact to the micro-dollar',
};

/** The same, or `null` where nobody knows or there is none. */
export function orNull(schema: JsonSchema): JsonSchema {
  return { anyOf: [schema, { type: 'null' }] };
}

export function list(items: JsonSchema): JsonSchema {
  return { type: 'array', items };
}

export function oneOf(values: readonly string[]): JsonSchema {
  return { enum: values };
}

/** An object whose fields are all there. A later release may add fields, so a reader must not refuse them. */
export function object(properties: Readonly<Record<string, JsonSchema>>): JsonSchema {
  return { type: 'object', properties, required: Object.keys(properties) };
}

/** An object with free names. */
export function record(values: JsonSchema): JsonSchema {
  return { type: 'object', additionalProperties: values };
}
