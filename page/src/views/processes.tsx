import { useRef, useState } from 'preact/hooks';
import type { Answer, ProcessRow } from '../../../daemon/src/show/api.ts';
import { useAnswer } from '../api-client.ts';
import { digits, time } from '../format-values.ts';
import { ProcessTable } from '../parts/process-table.tsx';
import { Empty, Loading, Trouble } from '../parts/states.tsx';
import { choose, query } from '../router.tsx';
import { words } from '../words/index.ts';

/** The host's greediest processes, live. */
export function ProcessesView() {
  const { processes: say } = words();
  const { data: live, error } = useAnswer('/api/processes', {});
  const [isHeld, hold] = useState(false);
  const held = useRef<Answer<'/api/processes'> | null>(null);
  if (!isHeld) held.current = live;
  const data = held.current;
  const search = query.value.get('text') ?? '';
  if (data === null) return error === null ? <Loading /> : <Trouble error={error} />;
  const found = data.processes.filter((process) => matches(process, search.toLowerCase()));
  return (
    <>
      {error !== null && <Trouble error={error} />}
      <div class="view-head">
        <h1>{say.title}</h1>
        <label class="field">
          <span>{say.search}</span>
          <input
            type="search"
            value={search}
            placeholder={say.searchHint}
            onInput={({ currentTarget }) => choose({ text: currentTarget.value }, { replace: true })}
          />
        </label>
        <button type="button" aria-pressed={isHeld} onClick={() => hold(!isHeld)}>
          {isHeld ? say.resume : say.pause}
        </button>
      </div>
      <p class="quiet about">
        {data.at !== null && `${time(data.at)} · `}
        {say.about(digits(data.processes.length, 0), digits(data.total ?? data.processes.length, 0))}
      </p>
      <ul class="chips">
        {data.states.map(({ state, count }) => (
          <li key={state}>
            {say.states[state] ?? state} <b>{digits(count, 0)}</b>
          </li>
        ))}
      </ul>
      {found.length === 0 ? <Empty>{say.none}</Empty> : <ProcessTable label={say.title} processes={found} />}
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
