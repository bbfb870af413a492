import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { docker, ROOT } from './real-engine.ts';

/** The image that the compose file pins. */
export const IMAGE: string = parse(readFileSync(join(ROOT, 'dashboards/compose.yaml'), 'utf8')).services
  .grafana.image;

/**
 * Grafana's own image cannot be had here: a busybox that answers its health check stands in for it, under the pinned
 * name. An image that is already there under that name is used as it is. Returns whether one was imported.
 */
export function importStandIn(scratch: string): boolean {
  if (spawnSync('docker', ['image', 'inspect', IMAGE]).status === 0) return false;
  const root = join(scratch, 'image');
  mkdirSync(join(root, 'bin'), { recursive: true });
  mkdirSync(join(root, 'www/api'), { recursive: true });
  copyFileSync(execFileSync('which', ['busybox'], { encoding: 'utf8' }).trim(), join(root, 'bin/busybox'));
  for (const applet of ['sh', 'wget', 'cat', 'id', 'touch', 'httpd', 'stat', 'ls', 'grep']) {
    execFileSync('ln', ['-s', 'busybox', join(root, 'bin', applet)]);
  }
  writeFileSync(join(root, 'www/api/health'), 'ok');
  execFileSync('tar', ['-C', root, '-cf', join(scratch, 'image.tar'), '.']);
  // Busybox has no handler for SIGTERM, and the first process of a container without one is spared it: a shell has.
  const start = `CMD ["/bin/busybox", "sh", "-c", "trap exit TERM; httpd -f -p 3000 -h /www & wait"]`;
  docker('import', '--change', start, join(scratch, 'image.tar'), IMAGE);
  return true;
}
