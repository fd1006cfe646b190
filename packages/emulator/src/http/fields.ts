/** What a page says about one input field. */
export interface FieldRule {
  name: string;
  type: 'string' | 'integer' | 'boolean';
  required?: boolean;
  /** JSON null is as good as absence. */
  nullable?: boolean;
  /** An empty string is as bad as absence. */
  nonEmpty?: boolean;
  oneOf?: readonly string[];
  minimum?: number;
  maximum?: number;
}

/** One thing that is wrong with an input. */
export interface FieldIssue {
  field: string;
  rule: 'missing' | 'type' | 'empty' | 'enum' | 'minimum' | 'maximum' | 'unknown';
  value: unknown;
  /** The rule that was broken; absent for an unknown field. */
  expected?: FieldRule;
}

/** Checks an input against a page's table: every issue, fields in the table's order, then unknown fields. */
export function checkFields(rules: readonly FieldRule[], input: Readonly<Record<string, unknown>>): FieldIssue[] {
  const issues: FieldIssue[] = [];
  for (const rule of rules) {
    const problem = checkField(rule, input[rule.name]);
    if (problem !== null) {
      issues.push({ field: rule.name, rule: problem, value: input[rule.name], expected: rule });
    }
  }
  const known = new Set(rules.map((rule) => rule.name));
  for (const [field, value] of Object.entries(input)) {
    if (!known.has(field)) issues.push({ field, rule: 'unknown', value });
  }
  return issues;
}

function checkField(rule: FieldRule, value: unknown): FieldIssue['rule'] | null {
  if (value === undefined) return rule.required ? 'missing' : null;
  if (value === null && rule.nullable) return null;
  if (rule.type === 'boolean') return typeof value === 'boolean' ? null : 'type';
  if (rule.type === 'integer') {
    if (!Number.isSafeInteger(value)) return 'type';
    if (rule.minimum !== undefined && (value as number) < rule.minimum) return 'minimum';
    return rule.maximum !== undefined && (value as number) > rule.maximum ? 'maximum' : null;
  }
  if (typeof value !== 'string') return 'type';
  if (rule.nonEmpty && value.trim() === '') return 'empty';
  return rule.oneOf !== undefined && !rule.oneOf.includes(value) ? 'enum' : null;
}

/** An issue as a sentence, for providers whose wording no page gives. */
export function describeIssue(issue: FieldIssue): string {
  const { field, expected } = issue;
  switch (issue.rule) {
    case 'missing':
      return `${field} is required`;
    case 'empty':
      return `${field} must not be empty`;
    case 'unknown':
      return `${field} is not a parameter of this model`;
    case 'type':
      return `${field} must be ${expected?.type === 'integer' ? 'an integer' : `a ${expected?.type}`}`;
    case 'enum':
      return `${field} must be one of ${expected?.oneOf?.join(', ')}`;
    case 'minimum':
    case 'maximum':
      return `${field} must be ${rangeWords(expected?.minimum, expected?.maximum)}`;
  }
}

function rangeWords(minimum: number | undefined, maximum: number | undefined): string {
  if (minimum === undefined) return `at most ${maximum}`;
  return maximum === undefined ? `at least ${minimum}` : `between ${minimum} and ${maximum}`;
}
