import type { ContainerPolicy } from '../model/container-policy.ts';
import { WORDS } from './common.ts';

/** What Vigía may do to a container. */
export function mayText({ kind, allow }: Pick<ContainerPolicy, 'kind' | 'allow'>): string {
  const { may } = WORDS.policy;
  if (kind === 'foreign' || kind === 'protected') return may.observe;
  if (kind === 'disposable') return may.anything;
  return allow.length === 0 ? may.advise : may.only(allow.join(', '));
}
