// A stand-in for Docker's engine, not one: lists containers whose IDs it is given. usage: engine.ts SOCKET FILE-OF-IDS
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

const [socket = '', file = ''] = process.argv.slice(2);
const ids = readFileSync(file, 'utf8').split('\n').filter(Boolean);
const list = JSON.stringify(
  ids.map((id, n) => ({
    ...{ Id: id, Names: [`/bench-${n}`], Image: 'bench/sleeper', ImageID: `sha256:${id}`, State: 'running' },
    ...{ Status: 'Up 5 minutes', Created: 1, HostConfig: { NetworkMode: 'none' } },
    Labels: Object.fromEntries(
      Array.from({ length: 10 }, (_, i) => [`org.example.label-${i}`, `value ${i}`]),
    ),
  })),
);
const inspected = (id: string) => ({
  ...{ Id: id, Name: `/bench-${id}`, State: { Running: true, Pid: 1 }, RestartCount: 0, HostConfig: {} },
  Config: { Image: 'bench/sleeper', Labels: {}, StopTimeout: null },
});
createServer(({ url = '' }, answer) => {
  const id = /containers\/([0-9a-f]{64})\/json/.exec(url)?.[1];
  answer.setHeader('content-type', 'application/json');
  answer.end(id === undefined ? list : JSON.stringify(inspected(id)));
}).listen(socket);
