import type { FieldIssue } from '../http/fields.js';
import type { Reply } from '../http/reply.js';

/** One entry of a model error's `detail` [doc errors]. */
export interface ModelErrorEntry {
  loc: (string | number)[];
  msg: string;
  type: string;
  url: string;
  ctx?: Record<string, unknown>;
  input?: unknown;
}

/** A model error: HTTP 422 with `{"detail":[{loc,msg,type,url,ctx?,input?}]}` [doc errors]. */
export function modelError(entries: readonly ModelErrorEntry[], status = 422): Reply {
  return { status, body: { detail: entries } };
}

export function entry(
  field: string | null,
  type: string,
  msg: string,
  more: { ctx?: Record<string, unknown>; input?: unknown } = {},
): ModelErrorEntry {
  return {
    loc: field === null ? ['body'] : ['body', field],
    msg,
    type,
    url: `https://docs.fal.ai/errors#${type}`,
    ...more,
  };
}

/** A field's issue in pydantic's words, which fal's models answer in [doc errors]. */
export function issueEntry(issue: FieldIssue, input: Readonly<Record<string, unknown>>): ModelErrorEntry {
  const { field, expected, value } = issue;
  switch (issue.rule) {
    case 'missing':
      return entry(field, 'missing', 'Field required', { input });
    case 'unknown':
      // That the model forbids unknown fields, rather than ignores them, is assumed: a typo must not pass unseen.
      return entry(field, 'extra_forbidden', 'Extra inputs are not permitted', { input: value });
    case 'enum': {
      const words = (expected?.oneOf ?? []).map((one) => `'${one}'`);
      const list = words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
      return entry(field, 'literal_error', `Input should be ${list}`, { ctx: { expected: list }, input: value });
    }
    case 'minimum':
      return entry(field, 'greater_than_equal', `Input should be greater than or equal to ${expected?.minimum}`, {
        ctx: { ge: expected?.minimum },
        input: value,
      });
    case 'maximum':
      return entry(field, 'less_than_equal', `Input should be less than or equal to ${expected?.maximum}`, {
        ctx: { le: expected?.maximum },
        input: value,
      });
    case 'empty':
    case 'type': {
      const integer = expected?.type === 'integer';
      const msg = `Input should be a valid ${integer ? 'integer' : 'string'}`;
      return entry(field, integer ? 'int_type' : 'string_type', msg, { input: value });
    }
  }
}
