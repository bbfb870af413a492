import type { Config } from '../model/config.ts';
import type { ManageEntry } from '../model/container-policy.ts';
import type { ManageInFile } from './config-schema.ts';

/** The configuration as a file has it: parsing that file gives the same configuration. */
export function inFileForm({
  orders: _,
  ...config
}: Config): Omit<Config, 'manage' | 'orders'> & { readonly manage: ManageInFile[] } {
  return { ...config, manage: config.manage.map(entryInFileForm) };
}

function entryInFileForm({ match, allow, dependants, at: _, ...figures }: ManageEntry): ManageInFile {
  const set = Object.entries(figures).filter(([, value]) => value !== null);
  return {
    ...match,
    ...(allow === null ? {} : { allow: allow.length === 0 ? 'none' : [...allow] }),
    ...Object.fromEntries(set),
    ...(dependants.length === 0 ? {} : { dependants: [...dependants] }),
  };
}
