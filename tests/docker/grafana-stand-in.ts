import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { docker, ROOT } from './real-engine.ts';

/** The image that the compose file pins. */
export const IMAGE: string = parse(readFileSync(join(ROOT, 'dashboards/compose.yaml'), 'utf8')).services
  .grafana.image;

/**
 * Imports a busybox that answers Grafana's health check, under the name that the compose file pins: the tests do not
 * download Grafana's own image. An image that already has that name is used. Returns whether one was imported.
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
  // httpd has no handler for SIGTERM, and the kernel ignores signals without a handler for PID 1: the shell has one.
  const start = `CMD ["/bin/busybox", "sh", "-c", "trap exit TERM; httpd -f -p 3000 -h /www & wait"]`;
  docker('import', '--change', start, join(scratch, 'image.tar'), IMAGE);
  return true;
}
