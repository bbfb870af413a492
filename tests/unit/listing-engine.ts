import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

export interface Listed {
  readonly name: string;
  readonly image?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

/**
 * An engine on a socket of its own that describes itself, lists these containers and, if asked to, removes them. Everything else is refused
 * and noted.
 */
export async function listingEngine(t: TestContext, containers: readonly Listed[], canRemove = false) {
  const dir = mkdtempSync(join(tmpdir(), 'vigia-engine-'));
  const socket = join(dir, 'engine.sock');
  const requests: string[] = [];
  const removed = new Set<string>();
  const server = createServer((request, answer) => {
    requests.push(`${request.method} ${request.url}`);
    if (canRemove && request.method === 'DELETE') {
      removed.add(/^\/containers\/([0-9a-f]+)\?/.exec(request.url ?? '')?.[1] ?? '');
      answer.writeHead(204).end();
      return;
    }
    if (request.method === 'GET' && request.url === '/info') {
      answer.writeHead(200).end(JSON.stringify({ ServerVersion: '26.1.5', DockerRootDir: dir }));
      return;
    }
    const isList = request.method === 'GET' && request.url?.startsWith('/containers/json');
    answer.writeHead(isList ? 200 : 500, { 'content-type': 'application/json' });
    answer.end(
      JSON.stringify(
        isList ? containers.map(listed).filter(({ Id }) => !removed.has(Id)) : { message: 'not here' },
      ),
    );
  });
  server.listen(socket);
  await once(server, 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
    rmSync(dir, { recursive: true, force: true });
  });
  /** Names of the containers that were removed. */
  const gone = () => containers.filter((_, i) => removed.has(idOf(i))).map(({ name }) => name);
  return { socket, requests, gone };
}

const idOf = (i: number): string => String(i + 1).padStart(64, '0');

const listed = ({ name, image = 'nginx:1', labels = {} }: Listed, i: number) => ({
  Id: idOf(i),
  Names: [`/${name}`],
  Image: image,
  Labels: labels,
  State: 'running',
  Status: 'Up 3 minutes',
  Created: 1_700_000_000,
});
