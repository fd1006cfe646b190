/** A run's page knows its videos as that run left them, and what lies in their places may be newer. */
export function OfThatRun({ latestPage }: { readonly latestPage: string }) {
  return (
    <p class="muted of-that-run">
      This page is of one run. A video that was made again since plays in the place of the one described here, so that
      marks are made on <a href={latestPage}>the batch’s latest page</a>.
    </p>
  );
}
