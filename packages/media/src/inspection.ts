/** Raised whenever a look at the same file may find something else than before: what was found is remembered. */
export const INSPECTION = 9;
