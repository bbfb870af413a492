import { type FileSystem, usedShare } from '../model/disk.ts';
import { type Judged, note, ok, problem } from './judged.ts';

/** In percent. A file system that is fuller than the first deserves a note; than the second, it is about to be full. */
const NOTE_ABOVE = 85;
const PROBLEM_ABOVE = 95;
const GIB = 2 ** 30;

export const judgeDisks = (disks: readonly FileSystem[]): Judged[] => disks.flatMap(judgeDisk);

function judgeDisk({ path, ...fs }: FileSystem): Judged[] {
  const used = usedShare(fs.availableBytes, fs.totalBytes);
  const inodes = usedShare(fs.freeInodes, fs.totalInodes);
  const bytes = { path, used, freeGib: fs.availableBytes / GIB };
  const grade = (value: number) => (value > PROBLEM_ABOVE ? problem : note);
  const short = [
    ...(used > NOTE_ABOVE ? [grade(used)({ code: 'disk-short', ...bytes })] : []),
    ...(inodes > NOTE_ABOVE ? [grade(inodes)({ code: 'inodes-short', path, used: inodes })] : []),
  ];
  return short.length > 0 ? short : [ok({ code: 'disk-has-room', ...bytes })];
}
