import { ConfigDocument } from './config-document.ts';
import { readEnvironment } from './config-environment.ts';
import { readSources } from './load-config.ts';

/**
 * Where a setting (`soft.cpuPercent`) gets its value from: `file:line` of the last file that sets it, its environment
 * variable, or `default`.
 */
export function placeOf(configFile: string | undefined, path: string, environment = process.env): string {
  const keys = path.split('.');
  const variable = readEnvironment(environment).settings.find((one) => one.path.join('.') === path)?.variable;
  if (variable !== undefined) return variable;
  const { main, dropIns } = readSources(configFile);
  const place = [main, ...dropIns]
    .map((source) => new ConfigDocument(source))
    .findLast(({ plain }) => has(plain, keys))
    ?.lineOf(keys);
  return place ?? 'default';
}

function has(value: unknown, [key, ...rest]: readonly string[]): boolean {
  if (key === undefined) return true;
  if (typeof value !== 'object' || value === null || !(key in value)) return false;
  return has((value as Record<string, unknown>)[key], rest);
}
