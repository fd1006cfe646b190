/**
 * Of a finished job: it may have been made of something else than it is asked to be made of, and is to be looked at. The
 * index `jobs_doubtful` has the same condition, word for word, or it could not serve the queries that ask for it.
 */
export const IS_DOUBTFUL = '(as_planned = 0 OR changed IS NOT NULL OR edited = 1)';
