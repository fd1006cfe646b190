/** Lays a table out as Markdown; a bar in a cell would end it. */
export function table(head, rows) {
  const line = (cells) => `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

export function code(text) {
  return `\`${text}\``;
}

/** Says in a generated document where it comes from. */
export function generatedFrom(what) {
  return `<!-- Made from ${what} by \`npm run docs\`. A change here is lost. -->`;
}
