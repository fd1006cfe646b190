/** Runs the command. */
export async function main(argv: readonly string[]): Promise<void> {
  process.stdout.write(`localize ${argv.slice(2).join(' ')}\n`);
}
