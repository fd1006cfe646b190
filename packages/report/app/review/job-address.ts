const BEFORE_KEY = '#job=';

/** The key of the job that the page's address names, `index.html#job=keynote%2Fde`; `null` where it names none. */
export function addressedJob(): string | null {
  const { hash } = location;
  if (!hash.startsWith(BEFORE_KEY)) return null;
  try {
    return decodeURIComponent(hash.slice(BEFORE_KEY.length));
  } catch {
    // No address that this page has made.
    return null;
  }
}

/** Makes the page's address one of this job, to be sent to a colleague; `null`: of none. */
export function addressJob(key: string | null): void {
  if (key === null && addressedJob() === null) return;
  const page = location.pathname + location.search;
  history.replaceState(null, '', key === null ? page : `${page}${BEFORE_KEY}${encodeURIComponent(key)}`);
}
