/** Where videos are marked: here; on another page, since this one is of a run; or no more, since its run is over. */
export type Marking = 'here' | { readonly latestPage: string } | { readonly reportPath: string | null };

/** Why a page takes no marks, and where they are made. */
export function MarkedElsewhere({ marking }: { readonly marking: Exclude<Marking, 'here'> }) {
  return (
    <p class="muted of-that-run">
      {'latestPage' in marking ? (
        <>
          This page is of one run. A video that was made again since plays in the place of the one described here, so
          that marks are made on <a href={marking.latestPage}>the batch’s latest page</a>.
        </>
      ) : (
        <>
          The run is over, and no video plays from here any more, so that marks are made on the report that stays:{' '}
          {marking.reportPath === null ? 'index.html in the report folder' : <code>{marking.reportPath}</code>}.
        </>
      )}
    </p>
  );
}
