import { query, setQuery } from '../router.tsx';

interface ChoiceProps {
  /** Of the parameter in the address. */
  readonly name: string;
  readonly label: string;
  /** Name of no choice. */
  readonly any: string;
  readonly choices: Readonly<Record<string, string>>;
}

/** A filter that the address keeps. */
export function Choice({ name, label, any, choices }: ChoiceProps) {
  return (
    <label class="field">
      <span>{label}</span>
      <select
        value={query.value.get(name) ?? ''}
        onChange={({ currentTarget }) => setQuery({ [name]: currentTarget.value })}
      >
        <option value="">{any}</option>
        {Object.entries(choices).map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}

interface SearchProps {
  readonly label: string;
  readonly hint: string;
}

/** A search text that the address keeps. */
export function Search({ label, hint }: SearchProps) {
  return (
    <label class="field wide">
      <span>{label}</span>
      <input
        type="search"
        maxLength={200}
        value={query.value.get('text') ?? ''}
        placeholder={hint}
        onInput={({ currentTarget }) => setQuery({ text: currentTarget.value }, { replace: true })}
      />
    </label>
  );
}
