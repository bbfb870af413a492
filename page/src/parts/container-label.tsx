import { containerPath, Link } from '../router.tsx';

/** The end of a label such as `web (pid 4711, 0123456789ab)`, as panels write it. */
const ID = /\bpid [\d?]+, ([0-9a-f]{12})\)$/;

/** A label of a panel; one that names a container leads to it. */
export function ContainerLabel({ label }: { readonly label: string }) {
  const id = ID.exec(label)?.[1];
  if (id === undefined)
    return (
      <span class="name" title={label}>
        {label}
      </span>
    );
  return (
    <Link href={containerPath(id)} class="name" title={label}>
      {label}
    </Link>
  );
}
