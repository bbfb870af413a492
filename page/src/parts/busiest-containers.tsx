import type { ContainerRow } from '../../../daemon/src/show/api.ts';
import { duration, kib, percent } from '../format-values.ts';
import { now } from '../page-clock.ts';
import { containerPath, Link } from '../router.tsx';
import { words } from '../words/index.ts';
import { ClassBadge } from './badges.tsx';
import { Limits } from './limits.tsx';

interface BusiestProps {
  readonly containers: readonly ContainerRow[];
  readonly most: number;
}

/** A short table of the containers that use most CPU. */
export function BusiestContainers({ containers, most }: BusiestProps) {
  const { columns } = words().containers;
  const busiest = containers
    .toSorted((a, b) => (b.cpu_percent ?? 0) - (a.cpu_percent ?? 0) || b.rss_kb - a.rss_kb)
    .slice(0, most);
  return (
    <div class="scroll">
      <table class="brief">
        <thead>
          <tr>
            <th scope="col">{columns.name}</th>
            <th scope="col">{columns.kind}</th>
            <th scope="col" class="number">
              {columns.cpu}
            </th>
            <th scope="col" class="number">
              {columns.memory}
            </th>
            <th scope="col" class="number roomy">
              {columns.up}
            </th>
          </tr>
        </thead>
        <tbody>
          {busiest.map((one) => (
            <tr key={one.id}>
              <td class="words">
                <Link href={containerPath(one.id)} class="name">
                  {one.name}
                </Link>{' '}
                <span class="quiet roomy">{one.image}</span>
                <Limits of={one} />
              </td>
              <td>
                <ClassBadge container={one} />
              </td>
              <td class="number">{percent(one.cpu_percent)}</td>
              <td class="number">{kib(one.rss_kb)}</td>
              <td class="number roomy">
                {duration(Math.round(one.run_seconds ?? now.value - one.first_seen))}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
