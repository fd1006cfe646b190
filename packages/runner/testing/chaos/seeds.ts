/**
 * Seeds of a suite: from 1 on, or from `CHAOS_FROM` for worlds that nobody has seen yet.
 * @param many how many the environment asks for, if it does
 */
export function seeds(many: string | undefined, usual: number): number[] {
  const from = Number(process.env.CHAOS_FROM ?? 1);
  return Array.from({ length: Number(many ?? usual) }, (_, index) => from + index);
}
