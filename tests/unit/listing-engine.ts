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

/** An engine on a socket of its own that only lists these containers. Everything else is refused and noted. */
export async function listingEngine(t: TestContext, containers: readonly Listed[]) {
  const dir = mkdtempSync(join(tmpdir(), 'vigia-engine-'));
  const socket = join(dir, 'engine.sock');
  const requests: string[] = [];
  const server = createServer((request, answer) => {
    requests.push(`${request.method} ${request.url}`);
    const isList = request.method === 'GET' && request.url?.startsWith('/containers/json');
    answer.writeHead(isList ? 200 : 500, { 'content-type': 'application/json' });
    answer.end(JSON.stringify(isList ? containers.map(listed) : { message: 'not here' }));
  });
  server.listen(socket);
  await once(server, 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
    rmSync(dir, { recursive: true, force: true });
  });
  return { socket, requests };
}

const listed = ({ name, image = 'nginx:1', labels = {} }: Listed, i: number) => ({
  Id: String(i + 1).padStart(64, '0'),
  Names: [`/${name}`],
  Image: image,
  Labels: labels,
  State: 'running',
  Status: 'Up 3 minutes',
  Created: 1_700_000_000,
});
