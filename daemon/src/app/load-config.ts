import { existsSync, readFileSync } from 'node:fs';
import * as v from 'valibot';
import { type Document, isMap, LineCounter, parseDocument, visit } from 'yaml';
import { type Config, DEFAULTS } from '../model/config.ts';
import { errorMessage } from '../model/error-message.ts';
import { override, readEnvironment } from './config-environment.ts';

export const CONFIG_FILE = '/etc/vigia/config.yaml';

/** All problems of a configuration, one per line: `file:line:column: what`, or `VARIABLE: what`. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** A number within bounds, both included; the error message names them. */
function within(least: number, most: number, isAllowed = (_: number) => true, kind = 'number') {
  const message = ({ received }: v.BaseIssue<unknown>): string =>
    `must be a ${kind} >=${least} and <=${most}, not ${received}`;
  return v.pipe(
    v.number(message),
    v.check((value) => value >= least && value <= most && isAllowed(value), message),
  );
}
const whole = (least: number, most: number) => within(least, most, Number.isInteger, 'whole number');
const percent = within(0, 100_000);
/** Memory has recovered at this over `releaseRatio`, so at 80 % at most: a healthy host might never reach more. */
const MOST_AVAILABLE = 40;
const text = v.pipe(v.string(), v.nonEmpty());

/** A group of settings, each with a default, so that the whole group may be left out. */
function section<T extends v.ObjectEntries>(entries: T) {
  const group = v.strictObject(entries);
  return v.optional(group, {} as v.InferInput<typeof group>);
}

function quota(defaults: Config['quotas']['low']) {
  return v.optional(
    v.pipe(
      v.strictObject({
        keep: v.optional(whole(0, 1000), defaults.keep),
        trim: v.optional(v.boolean(), defaults.trim),
        images: v.optional(v.array(text), [...defaults.images]),
      }),
      v.check(
        ({ keep, images }) => keep === 0 || images.length > 0,
        'a quota above 0 needs an image to start from',
      ),
    ),
    {},
  );
}

const d = DEFAULTS;
const Schema = v.strictObject({
  carnet: v.optional(
    v.pipe(
      v.string('must be text: put it in quotes'),
      v.regex(/^[A-Za-z0-9_-]{1,32}$/, '1 to 32 of A-Z a-z 0-9 _ -'),
    ),
    d.carnet,
  ),
  mode: v.optional(v.picklist(['observe', 'dry-run', 'enforce']), d.mode),
  sensor: v.optional(v.picklist(['auto', 'kernel', 'procfs']), d.sensor),
  cycleSeconds: v.optional(within(1, 3600), d.cycleSeconds),
  database: v.optional(v.pipe(text, v.startsWith('/', 'must be an absolute path')), d.database),
  topProcesses: v.optional(whole(1, 1000), d.topProcesses),
  classify: section({
    cpuPercent: v.optional(percent, d.classify.cpuPercent),
    memPercent: v.optional(percent, d.classify.memPercent),
    releaseRatio: v.optional(within(0.5, 1), d.classify.releaseRatio),
    minSeconds: v.optional(within(0.1, 3600), d.classify.minSeconds),
  }),
  pressure: section({
    watchSeconds: v.optional(within(0.1, 60), d.pressure.watchSeconds),
    availablePercent: v.optional(within(0, MOST_AVAILABLE), d.pressure.availablePercent),
    fullAvg10: v.optional(within(1, 100_000), d.pressure.fullAvg10),
    fullSeconds: v.optional(within(0, 3600), d.pressure.fullSeconds),
    minReclaimPercent: v.optional(within(0, 50), d.pressure.minReclaimPercent),
    coolDownSeconds: v.optional(within(1, 3600), d.pressure.coolDownSeconds),
  }),
  soft: section({
    cpuPercent: v.optional(within(1, 100_000), d.soft.cpuPercent),
    memPercent: v.optional(within(1, 100_000), d.soft.memPercent),
    availablePercent: v.optional(percent, d.soft.availablePercent),
    learn: v.optional(v.boolean(), d.soft.learn),
    graceSeconds: v.optional(within(0, 3600), d.soft.graceSeconds),
    minAgeSeconds: v.optional(within(0, 3600), d.soft.minAgeSeconds),
    throttlePercent: v.optional(within(1, 100_000), d.soft.throttlePercent),
  }),
  patterns: section({
    leak: section({
      windowSeconds: v.optional(whole(60, 86_400), d.patterns.leak.windowSeconds),
      risePercent: v.optional(within(0.1, 100_000), d.patterns.leak.risePercent),
      fullWithinSeconds: v.optional(whole(1, 31_536_000), d.patterns.leak.fullWithinSeconds),
    }),
    forkStorm: section({ processes: v.optional(whole(2, 4_194_304), d.patterns.forkStorm.processes) }),
    ioStorm: section({
      mibPerSecond: v.optional(within(1, 1_000_000), d.patterns.ioStorm.mibPerSecond),
      fullAvg10: v.optional(percent, d.patterns.ioStorm.fullAvg10),
    }),
    flapping: section({
      restarts: v.optional(whole(1, 1000), d.patterns.flapping.restarts),
      withinSeconds: v.optional(whole(1, 86_400), d.patterns.flapping.withinSeconds),
    }),
  }),
  ladder: section({
    rememberSeconds: v.optional(whole(0, 604_800), d.ladder.rememberSeconds),
    backOffSeconds: v.optional(whole(0, 86_400), d.ladder.backOffSeconds),
    backOffMostSeconds: v.optional(whole(0, 86_400), d.ladder.backOffMostSeconds),
  }),
  quotas: section({ low: quota(d.quotas.low), high: quota(d.quotas.high) }),
  act: section({
    stopSeconds: v.optional(whole(0, 300), d.act.stopSeconds),
    atOnce: v.optional(whole(1, 100), d.act.atOnce),
    breakerSeconds: v.optional(whole(0, 3600), d.act.breakerSeconds),
  }),
  protect: section({
    names: v.optional(v.array(text), [...d.protect.names]),
    images: v.optional(v.array(text), [...d.protect.images]),
  }),
  docker: section({
    socket: v.optional(text, d.docker.socket),
    timeoutSeconds: v.optional(within(1, 600), d.docker.timeoutSeconds),
  }),
  page: v.optional(
    v.pipe(
      v.strictObject({
        host: v.optional(v.pipe(text, v.ip('must be an IP address')), d.page.host),
        port: v.optional(whole(1, 65535), d.page.port),
        tokenFile: v.optional(
          v.nullable(v.pipe(text, v.startsWith('/', 'must be an absolute path'))),
          d.page.tokenFile,
        ),
      }),
      v.forward(
        v.check(
          ({ host, tokenFile }) => ['127.0.0.1', '::1'].includes(host) || tokenFile !== null,
          'only loopback (127.0.0.1 or ::1), unless page.tokenFile names a file with a password',
        ),
        ['host'],
      ),
    ),
    {},
  ),
  grafana: section({
    start: v.optional(v.boolean(), d.grafana.start),
    atEnd: v.optional(v.picklist(['leave', 'stop']), d.grafana.atEnd),
  }),
  cron: section({ install: v.optional(v.boolean(), d.cron.install) }),
  scripts: section({
    directory: v.optional(v.pipe(text, v.startsWith('/', 'must be an absolute path')), d.scripts.directory),
    timeoutSeconds: v.optional(within(0.1, 3600), d.scripts.timeoutSeconds),
  }),
  retention: section({
    samplesDays: v.optional(whole(1, 3650), d.retention.samplesDays),
    fiveMinutesDays: v.optional(whole(1, 3650), d.retention.fiveMinutesDays),
    hoursDays: v.optional(whole(1, 3650), d.retention.hoursDays),
    lifetimesDays: v.optional(whole(1, 3650), d.retention.lifetimesDays),
    decisionsDays: v.optional(whole(1, 3650), d.retention.decisionsDays),
    linesDays: v.optional(whole(1, 3650), d.retention.linesDays),
  }),
});

/**
 * Reads the named file, which must exist, or CONFIG_FILE if that exists, or else uses the defaults. Environment
 * variables (VIGIA_CONFIG_…) take precedence over the file. Throws ConfigError.
 */
export function loadConfig(path: string | undefined, environment = process.env): Config {
  const file = path ?? CONFIG_FILE;
  if (path === undefined && !existsSync(file)) return parseConfig('', file, environment);
  try {
    return parseConfig(readFileSync(file, 'utf8'), file, environment);
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new ConfigError(`${file}: cannot be read: ${errorMessage(error)}`);
  }
}

/** Validates the text of a configuration file. Throws ConfigError with all problems. */
export function parseConfig(
  source: string,
  file: string,
  environment: Readonly<Record<string, string | undefined>> = {},
): Config {
  const lines = new LineCounter();
  const document = parseDocument(source, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: true,
    logLevel: 'error',
  });
  const at = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${line}:${col}`;
  };
  const syntax = document.errors.map(
    ({ code, message, pos }) =>
      `${at(pos[0])}: ${code === 'MULTIPLE_DOCS' ? 'a second document begins here: the file must have only one' : message}`,
  );
  if (syntax.length > 0) throw new ConfigError(syntax.join('\n'));
  if (document.contents !== null && !isMap(document.contents)) {
    throw new ConfigError(
      `${at(document.contents.range[0])}: the file: must be a map of settings, as in "mode: observe"`,
    );
  }
  const { settings, problems } = readEnvironment(environment);
  const parsed = v.safeParse(Schema, override(toPlain(document, at) ?? {}, settings));
  if (parsed.success && problems.length === 0) return parsed.output;
  const wrong = (parsed.issues ?? []).map((issue) => {
    const path = (issue.path ?? []).map((step) => step.key);
    const set = settings.find((setting) => setting.path.every((key, i) => key === path[i]));
    const place = set?.variable ?? at(offsetOf(document, path));
    return `${place}: ${nameOf(path) || 'the file'}: ${explain(issue)}`;
  });
  throw new ConfigError([...problems, ...wrong].join('\n'));
}

/** The document as plain values. Without syntax errors only aliases can fail: unresolved ones, or too many. */
function toPlain(document: Document.Parsed, at: (offset: number) => string): unknown {
  try {
    return document.toJS();
  } catch (error) {
    let offset = 0;
    visit(document, {
      Alias(_, alias) {
        offset = alias.range?.[0] ?? 0;
        return alias.resolve(document) === undefined ? visit.BREAK : undefined;
      },
    });
    throw new ConfigError(`${at(offset)}: ${errorMessage(error)}`);
  }
}

/**
 * The name of a setting. A key can be any text; it is quoted so that a line break in it does not look like two errors.
 */
function nameOf(path: readonly unknown[]): string {
  const name = path.join('.');
  return /^[\w.-]*$/.test(name) ? name : JSON.stringify(name);
}

function explain(issue: v.BaseIssue<unknown>): string {
  if (issue.type === 'strict_object' && issue.expected === 'never')
    return 'no such setting (vigia config show lists them all)';
  return issue.message;
}

/** Offset in the source of the value at this path, or of the key itself if it is unknown. */
function offsetOf(document: Document.Parsed, path: readonly unknown[]): number {
  for (let depth = path.length; depth > 0; depth -= 1) {
    const parent = depth === 1 ? document.contents : document.getIn(path.slice(0, depth - 1), true);
    const pair = isMap(parent)
      ? parent.items.find((item) => String(item.key) === String(path[depth - 1]))
      : undefined;
    const node: unknown =
      pair === undefined ? document.getIn(path.slice(0, depth), true) : (pair.value ?? pair.key);
    if (typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range))
      return Number(node.range[0]);
  }
  return 0;
}
