interface Props {
  readonly height: number;
  readonly columns: number;
}

/** Stands for the rows that are out of view. */
export function Spacer({ height, columns }: Props) {
  if (height <= 0) return null;
  return (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: an empty row can't be focused
    <tr aria-hidden="true" class="spacer">
      <td colSpan={columns} style={{ height: `${height}px` }} />
    </tr>
  );
}
