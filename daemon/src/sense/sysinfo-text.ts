import { Process, type ProcessRow, parse, Sysinfo } from './contract.ts';

/** One process a line is part of the contract; a raw newline is never part of a JSON string. */
const OPENING = '"processes":[\n';
const CLOSING = '\n],\n"complete":true}';

/**
 * Parses the texts of sysinfo, one after the other. Of most processes, asleep, not a byte changes between two readings:
 * a line that was in the text before means what it meant then, and is neither parsed nor checked again.
 */
export class SysinfoText<T> {
  readonly #toProcess: (row: ProcessRow) => T;
  #known: ReadonlyMap<string, T> = new Map();

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
    const known = new Map<string, T>();
    const processes =
      text === ''
        ? []
        : text.split(',\n').map((line) => {
            const process = this.#known.get(line) ?? this.#toProcess(parse('sysinfo', line, Process));
            known.set(line, process);
            return process;
          });
    this.#known = known;
    return processes;
  }

  #parseWhole(text: string) {
    const whole = parse('sysinfo', text, Sysinfo);
    return { ...whole, processes: whole.processes.map(this.#toProcess) };
  }
}
