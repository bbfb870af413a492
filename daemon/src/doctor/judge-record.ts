import type { FileAccess, HostFacts } from '../model/host-facts.ts';
import { type JudgeContext, type Judged, note, ok, problem } from './judged.ts';

export function judgeRecord({ path, state, detail }: HostFacts['record']): Judged[] {
  switch (state) {
    case 'sound':
      return [ok({ code: 'record-sound', path })];
    case 'absent':
      return [ok({ code: 'record-absent', path })];
    case 'too-large':
      return [ok({ code: 'record-too-large', path })];
    case 'no-permission':
      return [note({ code: 'record-no-permission', path })];
    case 'damaged':
      return [problem({ code: 'record-damaged', path, detail })];
    case 'unreadable':
      return [problem({ code: 'record-unreadable', path, detail })];
  }
}

/** The user of Grafana's image. Its container gets the group of the record's directory. */
const GRAFANA_UID = 472;
const READ = 4;
const READ_AND_ENTER = 5;

/** Whether Grafana can read the record: its directory, the database and the journal beside it (-wal and -shm). */
export function judgeRecordAccess(files: readonly FileAccess[], { config }: JudgeContext): Judged[] {
  const [directory] = files;
  if (directory === undefined || !config.grafana.start) return [];
  const paths = files
    .filter((file) => !mayGrafana(file, file === directory ? READ_AND_ENTER : READ, directory.gid))
    .map(({ path }) => path);
  if (paths.length === 0) return [ok({ code: 'record-shared' })];
  return [problem({ code: 'record-not-shared', paths, directory: directory.path })];
}

/** As the kernel decides it: only the first class that applies counts. */
function mayGrafana({ mode, uid, gid }: FileAccess, rights: number, group: number): boolean {
  const shift = uid === GRAFANA_UID ? 6 : gid === group ? 3 : 0;
  return ((mode >> shift) & rights) === rights;
}
