import type * as v from 'valibot';
import { type Document, isMap, isSeq, LineCounter, parseDocument, visit } from 'yaml';
import { errorMessage } from '../model/error-message.ts';

/** All problems of a configuration, one per line: `file:line:column: what`, or `VARIABLE: what`. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** The text of one configuration file. */
export interface SourceFile {
  readonly file: string;
  readonly text: string;
}

/** One configuration file, parsed, and where its settings are. */
export class ConfigDocument {
  readonly file: string;
  /** The contents as plain values; an empty map for an empty file. */
  readonly plain: object;
  readonly #document: Document.Parsed;
  readonly #lines = new LineCounter();

  /** Throws ConfigError with all syntax errors. */
  constructor({ file, text }: SourceFile) {
    this.file = file;
    this.#document = parseDocument(text, {
      lineCounter: this.#lines,
      prettyErrors: false,
      uniqueKeys: true,
      logLevel: 'error',
    });
    const { errors, contents } = this.#document;
    const syntax = errors.map(
      ({ code, message, pos }) =>
        `${this.#at(pos[0])}: ${code === 'MULTIPLE_DOCS' ? 'a second document begins here: the file must have only one' : message}`,
    );
    if (syntax.length > 0) throw new ConfigError(syntax.join('\n'));
    if (contents !== null && !isMap(contents)) {
      throw new ConfigError(
        `${this.#at(contents.range[0])}: the file: must be a map of settings, as in "mode: observe"`,
      );
    }
    this.plain = this.#toPlain() ?? {};
  }

  /** `file:line:column` of the value at this path, or of its key. */
  positionOf(path: readonly unknown[]): string {
    return this.#at(this.#offsetOf(path));
  }

  /** `file:line` of the value at this path. */
  lineOf(path: readonly unknown[]): string {
    return `${this.file}:${this.#lines.linePos(this.#offsetOf(path)).line}`;
  }

  #at(offset: number): string {
    const { line, col } = this.#lines.linePos(offset);
    return `${this.file}:${line}:${col}`;
  }

  /** Without syntax errors only aliases can fail: unresolved ones, or too many. */
  #toPlain(): object | null {
    try {
      return this.#document.toJS();
    } catch (error) {
      let offset = 0;
      const document = this.#document;
      visit(document, {
        Alias(_, alias) {
          offset = alias.range?.[0] ?? 0;
          return alias.resolve(document) === undefined ? visit.BREAK : undefined;
        },
      });
      throw new ConfigError(`${this.#at(offset)}: ${errorMessage(error)}`);
    }
  }

  /** Offset in the source of the value at this path, or of the key itself if it is unknown. */
  #offsetOf(path: readonly unknown[]): number {
    const { contents } = this.#document;
    for (let depth = path.length; depth > 0; depth -= 1) {
      const parent = depth === 1 ? contents : this.#document.getIn(path.slice(0, depth - 1), true);
      const pair = isMap(parent)
        ? parent.items.find((item) => String(item.key) === String(path[depth - 1]))
        : undefined;
      const item: unknown = isSeq(parent) ? parent.items[Number(path[depth - 1])] : undefined;
      const node: unknown = item ?? pair?.value ?? pair?.key;
      if (typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range))
        return Number(node.range[0]);
    }
    return 0;
  }
}

/** The problem that the schema found, in one line: where, which setting, what is wrong. */
export function problemLine(place: string, issue: v.BaseIssue<unknown>, unknownKey: string): string {
  const path = (issue.path ?? []).map((step) => step.key);
  const isUnknown = issue.type === 'strict_object' && issue.expected === 'never';
  return `${place}: ${nameOf(path) || 'the file'}: ${isUnknown ? unknownKey : issue.message}`;
}

/**
 * The name of a setting. A key can be any text; it is quoted so that a line break in it does not look like two errors.
 */
function nameOf(path: readonly unknown[]): string {
  const name = path.join('.');
  return /^[\w.-]*$/.test(name) ? name : JSON.stringify(name);
}
