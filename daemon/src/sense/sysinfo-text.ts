import { Process, type ProcessRow, parse, Sysinfo } from './contract.ts';

/** One process a line is part of the contract; a raw newline is never part of a JSON string. */
const OPENING = '"processes":[\n';
const CLOSING = '\n],\n"complete":true}';
const SEPARATOR = ',\n';
const PID = '{"pid":';

interface Known<T> {
  /** A piece of the last text, which it keeps in memory: of older texts nothing is kept. */
  readonly line: string;
  readonly process: T;
}

/**
 * Parses the texts of sysinfo, one after the other. Of most processes, asleep, not a byte changes between two readings:
 * a line that was in the text before means what it meant then, and is neither parsed nor checked again. It is looked
 * for by its pid, since to compare two lines costs a fraction of hashing one.
 */
export class SysinfoText<T> {
  readonly #toProcess: (row: ProcessRow) => T;
  #known: ReadonlyMap<number, Known<T>> = new Map();

  constructor(toProcess: (row: ProcessRow) => T) {
    this.#toProcess = toProcess;
  }

  parse(text: string): Omit<Sysinfo, 'processes'> & { readonly processes: readonly T[] } {
    const begin = text.indexOf(OPENING) + OPENING.length;
    const end = text.lastIndexOf(CLOSING);
    // Cut, or of another shape: the whole of it, for a message that says where.
    if (begin < OPENING.length || end < begin) return this.#parseWhole(text);
    try {
      return {
        ...parse('sysinfo', text.slice(0, begin) + text.slice(end), Sysinfo),
        processes: this.#parseLines(text.slice(begin, end)),
      };
    } catch {
      return this.#parseWhole(text);
    }
  }

  #parseLines(text: string): T[] {
    const processes: T[] = [];
    const known = new Map<number, Known<T>>();
    // Behind a last separator there is a line, too: an empty one, which is refused.
    for (let at = text === '' ? 1 : 0; at <= text.length; ) {
      const pid = pidAt(text, at);
      const before = this.#known.get(pid);
      const now = before !== undefined && hasLine(text, at, before.line) ? before : this.#parseLine(text, at);
      const end = at + now.line.length;
      known.set(pid, { line: text.slice(at, end), process: now.process });
      processes.push(now.process);
      at = end + SEPARATOR.length;
    }
    this.#known = known;
    return processes;
  }

  #parseLine(text: string, at: number): Known<T> {
    const separator = text.indexOf(SEPARATOR, at);
    const line = text.slice(at, separator < 0 ? text.length : separator);
    return { line, process: this.#toProcess(parse('sysinfo', line, Process)) };
  }

  #parseWhole(text: string) {
    const whole = parse('sysinfo', text, Sysinfo);
    return { ...whole, processes: whole.processes.map(this.#toProcess) };
  }
}

/** Of the line that begins there; of one that does not begin with a pid, any number: what counts is the whole line. */
function pidAt(text: string, at: number): number {
  let pid = 0;
  for (let i = at + PID.length; ; i += 1) {
    const digit = text.charCodeAt(i) - 0x30;
    // Behind the end of the text it is NaN.
    if (!(digit >= 0 && digit <= 9)) return pid;
    pid = pid * 10 + digit;
  }
}

/** Whether this line, and not only the beginning of a longer one, is there. Not startsWith(): that is six times dearer. */
function hasLine(text: string, at: number, line: string): boolean {
  const end = at + line.length;
  return text.slice(at, end) === line && (end === text.length || text.startsWith(SEPARATOR, end));
}
