export const PROJECT_LABEL = 'com.docker.compose.project';
export const SERVICE_LABEL = 'com.docker.compose.service';
const ONE_OFF_LABEL = 'com.docker.compose.oneoff';

type Labels = Readonly<Record<string, string>>;

/** `shop/db`: the Compose service that the container is a replica of; null for others, and for `compose run`. */
export function composeAddress(labels: Labels): string | null {
  const { [PROJECT_LABEL]: project, [SERVICE_LABEL]: service } = labels;
  if (project === undefined || service === undefined || labels[ONE_OFF_LABEL] === 'True') return null;
  return `${project}/${service}`;
}

/** What an address names: `shop/db` a service, `shop/` a whole project; null for text without a slash. */
export function parseAddress(text: string): { project: string; service?: string } | null {
  const slash = text.indexOf('/');
  if (slash < 1) return null;
  const [project, service] = [text.slice(0, slash), text.slice(slash + 1)];
  return service === '' ? { project } : { project, service };
}

/** Whether an address names the container, whose labels these are. */
export function isAt(text: string, labels: Labels): boolean {
  const address = parseAddress(text);
  if (address === null || labels[PROJECT_LABEL] !== address.project) return false;
  return address.service === undefined || labels[SERVICE_LABEL] === address.service;
}

/** Fewer digits could be the beginning of a name. */
const FEWEST_DIGITS = 6;

interface Named {
  readonly id?: string;
  readonly name: string;
  readonly labels: Labels;
}

/** Whether a target of a command names the container: its name, the beginning of its ID, its project, or an address. */
export function isMeant(target: string, { id = '', name, labels }: Named): boolean {
  if (target.includes('/')) return isAt(target, labels);
  const isId = target.length >= FEWEST_DIGITS && /^[0-9a-f]+$/.test(target) && id.startsWith(target);
  return isId || target === name || target === labels[PROJECT_LABEL];
}
