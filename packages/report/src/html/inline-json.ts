/**
 * A value as JSON that may stand inside `<script type="application/json">`: no `<` is left that could close the element
 * or open a comment, and no line separator that older parsers took for a line end.
 */
export function inlineJson(value: unknown): string {
  return JSON.stringify(value)
    .replaceAll('<', '\\u003c')
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029');
}
