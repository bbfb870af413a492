import { Process, type ProcessRow, parse, Sysinfo } from './contract.ts';

// The contract puts each process on a line of its own; a raw newline never occurs inside a JSON string.
const OPENING = '"processes":[\n';
const CLOSING = '\n],\n"complete":true}';
const SEPARATOR = ',\n';
const PID = '{"pid":';

interface Known<T> {
  /** A slice of the newest text, so that it keeps only that text in memory. */
  readonly line: string;
  readonly process: T;
}

/**
 * Parses successive texts of sysinfo. Most processes sleep, and their lines do not change between two texts: a line
 * equal to the previous one of the same pid is neither parsed nor validated again, and its process is reused. Lines are
 * found by pid because comparing two lines costs a fraction of hashing one.
 */
export class SysinfoText<T> {
  readonly #toProcess: (row: ProcessRow) => T;
  readonly #decode: (text: string) => string;
  #known: ReadonlyMap<number, Known<T>> = new Map();

  /** `decode` is applied to each text that is parsed. */
  constructor(toProcess: (row: ProcessRow) => T, decode = (text: string) => text) {
    this.#toProcess = toProcess;
    this.#decode = decode;
  }

  parse(text: string): Omit<Sysinfo, 'processes'> & { readonly processes: readonly T[] } {
    const begin = text.indexOf(OPENING) + OPENING.length;
    const end = text.lastIndexOf(CLOSING);
    // Truncated, or of another shape: parsing the whole text gives an error that says where.
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
    // A trailing separator is followed by an empty line, which is rejected.
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
    return { line, process: this.#toProcess(parse('sysinfo', this.#decode(line), Process)) };
  }

  #parseWhole(text: string) {
    const whole = parse('sysinfo', this.#decode(text), Sysinfo);
    return { ...whole, processes: whole.processes.map(this.#toProcess) };
  }
}

/** The pid of the line at `at`. May be wrong for a malformed line, which does no harm: the whole line is compared. */
function pidAt(text: string, at: number): number {
  let pid = 0;
  for (let i = at + PID.length; ; i += 1) {
    const digit = text.charCodeAt(i) - 0x30;
    // NaN past the end of the text.
    if (!(digit >= 0 && digit <= 9)) return pid;
    pid = pid * 10 + digit;
  }
}

/**
 * Whether exactly this line is at `at`, not the beginning of a longer one. slice() is faster than startsWith() here.
 */
function hasLine(text: string, at: number, line: string): boolean {
  const end = at + line.length;
  return text.slice(at, end) === line && (end === text.length || text.startsWith(SEPARATOR, end));
}
