import { existsSync, fstatSync } from 'node:fs';
import { type JournalEntry, MESSAGE_IDS } from '../model/journal-entry.ts';
import { startChild } from './start-child.ts';

/** Entries that may wait for the one child. */
const MOST_WAITING = 64;
const SEND_MS = 10_000;

/**
 * Sends entries with fields to systemd's journal. Node has no Unix datagram sockets, so the program logger sends them, one
 * at a time; nothing waits for it. After a failure, which is said once, nothing is sent any more.
 */
export class JournalSender {
  readonly #program: string;
  readonly #failed: (problem: string) => void;
  readonly #waiting: JournalEntry[] = [];
  #isOpen: boolean;
  #isSending = false;

  /** `isOpen`: whether this process writes to the journal at all (`writesToJournal`). */
  constructor(isOpen: boolean, failed: (problem: string) => void, program = 'logger') {
    this.#isOpen = isOpen;
    this.#failed = failed;
    this.#program = program;
  }

  /** false where the entry must be told otherwise: no journal, or too many wait. */
  send(entry: JournalEntry): boolean {
    if (!this.#isOpen || this.#waiting.length >= MOST_WAITING) return false;
    this.#waiting.push(entry);
    this.#next();
    return true;
  }

  #next(): void {
    if (this.#isSending) return;
    const entry = this.#waiting.shift();
    if (entry === undefined) return;
    this.#isSending = true;
    const done = (problem: string | null): void => {
      if (!this.#isSending) return;
      this.#isSending = false;
      if (problem !== null) this.#close(problem, entry);
      else this.#next();
    };
    const child = startChild(
      this.#program,
      ['--journald'],
      { stdio: ['pipe', 'ignore', 'ignore'], timeout: SEND_MS },
      (reason) => done(`${this.#program}: ${reason}`),
    );
    child?.on('exit', (code, signal) =>
      done(code === 0 ? null : `${this.#program} --journald ended with ${code ?? signal}`),
    );
    // It may have ended before it read.
    child?.stdin?.on('error', () => undefined);
    child?.stdin?.end(fieldsOf(entry));
  }

  /** What could not be sent is told as plain lines. */
  #close(problem: string, entry: JournalEntry): void {
    this.#isOpen = false;
    this.#failed(`journal: entries come as plain lines from now on (${problem})`);
    for (const { message } of [entry, ...this.#waiting.splice(0)]) this.#failed(message);
  }
}

/** An entry as logger(1) reads it: a field a line. No value can begin a line of its own. */
export function fieldsOf({ kind, priority, message, code, tick, container }: JournalEntry): string {
  const fields = {
    MESSAGE: message,
    MESSAGE_ID: MESSAGE_IDS[kind],
    PRIORITY: priority,
    SYSLOG_IDENTIFIER: 'vigia',
    VIGIA_CODE: code,
    VIGIA_DECISION: tick,
    VIGIA_CONTAINER: container?.id ?? null,
    VIGIA_CONTAINER_NAME: container?.name ?? null,
    // The journal would take the child for a program of its own.
    OBJECT_PID: process.pid,
  };
  return Object.entries(fields)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name}=${inert(String(value))}\n`)
    .join('');
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not get through
const inert = (text: string): string => text.replaceAll(/[\u0000-\u001f\u007f]/g, ' ');

/** Whether systemd passes our output to the journal: JOURNAL_STREAM names the device and inode of it. */
export function writesToJournal(
  environment: Readonly<Record<string, string | undefined>> = process.env,
  socket = '/run/systemd/journal/socket',
  descriptor = 1,
): boolean {
  const stream = environment['JOURNAL_STREAM'];
  if (stream === undefined || !existsSync(socket)) return false;
  try {
    const { dev, ino } = fstatSync(descriptor);
    return stream === `${dev}:${ino}`;
  } catch {
    return false;
  }
}
