interface Props {
  readonly label: string;
  readonly value: string;
  readonly choices: readonly { readonly id: string; readonly name: string }[];
  readonly onChoose: (id: string) => void;
}

/** A few choices side by side, of which one holds. */
export function Segments({ label, value, choices, onChoose }: Props) {
  return (
    <fieldset class="segments">
      <legend>{label}</legend>
      <div>
        {choices.map(({ id, name }) => (
          <button key={id} type="button" aria-pressed={id === value} onClick={() => onChoose(id)}>
            {name}
          </button>
        ))}
      </div>
    </fieldset>
  );
}
