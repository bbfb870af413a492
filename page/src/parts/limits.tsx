import type { ContainerRow } from '../../../daemon/src/show/api.ts';
import { digits, kib, percent } from '../format-values.ts';
import { words } from '../words/index.ts';

type Limited = Pick<ContainerRow, 'cpu_limited_to' | 'squeezed_to_kb' | 'pids_limited_to' | 'io_limited_to'>;

/** The limits that Vigía set on a container, each with its value; '' without any. */
export function limitsOf(of: Limited): string {
  const { policy: text } = words().container;
  return [
    of.cpu_limited_to !== null && `CPU ${percent(of.cpu_limited_to)}`,
    of.squeezed_to_kb !== null && text.memoryTo(kib(of.squeezed_to_kb)),
    of.pids_limited_to !== null && text.processes(digits(of.pids_limited_to, 0)),
    of.io_limited_to !== null && text.io(`${digits(of.io_limited_to, 1)}\u00a0MiB/s`),
  ]
    .filter(Boolean)
    .join(', ');
}

export function Limits({ of }: { readonly of: Limited }) {
  const limits = limitsOf(of);
  return limits === '' ? null : (
    <span class="limits">
      {words().container.policy.limits}: {limits}
    </span>
  );
}
