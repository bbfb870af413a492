import { useRef, useState } from 'preact/hooks';
import type { Answer, ProcessRow } from '../../../daemon/src/show/api.ts';
import { useAnswer } from '../api-client.ts';
import { digits, time } from '../format-values.ts';
import { ProcessTable } from '../parts/process-table.tsx';
import { Empty, ErrorNotice, Loading } from '../parts/states.tsx';
import { query, setQuery } from '../router.tsx';
import { words } from '../words/index.ts';

/** The processes that use most of the host, live. */
export function ProcessesView() {
  const { processes: text } = words();
  const { data: live, error } = useAnswer('/api/processes', {});
  const [isPaused, setPaused] = useState(false);
  const shown = useRef<Answer<'/api/processes'> | null>(null);
  if (!isPaused) shown.current = live;
  const data = shown.current;
  const search = query.value.get('text') ?? '';
  if (data === null) return error === null ? <Loading /> : <ErrorNotice error={error} />;
  const found = data.processes.filter((process) => matches(process, search.toLowerCase()));
  return (
    <>
      {error !== null && <ErrorNotice error={error} />}
      <div class="view-head">
        <h1>{text.title}</h1>
        <label class="field">
          <span>{text.search}</span>
          <input
            type="search"
            value={search}
            placeholder={text.searchHint}
            onInput={({ currentTarget }) => setQuery({ text: currentTarget.value }, { replace: true })}
          />
        </label>
        <button type="button" aria-pressed={isPaused} onClick={() => setPaused(!isPaused)}>
          {isPaused ? text.resume : text.pause}
        </button>
      </div>
      <p class="quiet about">
        {data.at !== null && `${time(data.at)} · `}
        {text.about(digits(data.processes.length, 0), digits(data.total ?? data.processes.length, 0))}
      </p>
      <ul class="chips">
        {data.states.map(({ state, count }) => (
          <li key={state}>
            {text.states[state] ?? state} <b>{digits(count, 0)}</b>
          </li>
        ))}
      </ul>
      {found.length === 0 ? (
        <Empty>{text.none}</Empty>
      ) : (
        <ProcessTable label={text.title} processes={found} />
      )}
    </>
  );
}

function matches({ pid, name, cmdline, container, container_id: id }: ProcessRow, search: string): boolean {
  if (search === '') return true;
  return (
    String(pid) === search ||
    [name, cmdline, container].some((text) => text?.toLowerCase().includes(search)) ||
    (id?.startsWith(search) ?? false)
  );
}
