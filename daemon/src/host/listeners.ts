import { readdir, readFile, readlink } from 'node:fs/promises';
import type { Listener } from '../model/host-facts.ts';

/** TCP_LISTEN of the kernel, as /proc/net/tcp writes it. */
const LISTENING = '0A';

/** The process that listens on a TCP port of this host, at any address; null when there is none. */
export async function findListener(port: number, proc = '/proc'): Promise<Listener | null> {
  const tables = await Promise.all(['tcp', 'tcp6'].map((name) => textOf(`${proc}/net/${name}`)));
  const inodes = new Set(tables.flatMap((table) => listeningInodes(table, port)));
  if (inodes.size === 0) return null;
  for (const pid of await numbersIn(proc)) {
    if (!(await holdsSocket(`${proc}/${pid}/fd`, inodes))) continue;
    const [name, line] = await Promise.all([textOf(`${proc}/${pid}/comm`), textOf(`${proc}/${pid}/cmdline`)]);
    const args = line.split('\0');
    const isVigia = args.includes('serve') && args.some((arg) => /(^|\/)vigia(\.ts)?$/.test(arg));
    return { pid, name: name.trim(), isVigia };
  }
  return { pid: null, name: '', isVigia: false };
}

/** Inodes of the sockets that listen on the port. Columns: number, local address and port in hex, remote, state, …, inode. */
function listeningInodes(table: string, port: number): string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return table.split('\n').flatMap((line) => {
    const [, local = '', , state, , , , , , inode] = line.trim().split(/\s+/);
    return local.endsWith(suffix) && state === LISTENING && inode !== undefined ? [inode] : [];
  });
}

async function holdsSocket(directory: string, inodes: ReadonlySet<string>): Promise<boolean> {
  for (const fd of await numbersIn(directory)) {
    const target = await readlink(`${directory}/${fd}`).catch(() => '');
    if (inodes.has(/^socket:\[(\d+)\]$/.exec(target)?.[1] ?? '')) return true;
  }
  return false;
}

async function numbersIn(directory: string): Promise<number[]> {
  const names = await readdir(directory).catch(() => []);
  return names.filter((name) => /^\d+$/.test(name)).map(Number);
}

const textOf = (file: string): Promise<string> => readFile(file, 'utf8').catch(() => '');
