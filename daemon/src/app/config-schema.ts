import { Cron } from 'croner';
import * as v from 'valibot';
import { type Config, DEFAULTS, DEMO_DEFAULTS } from '../model/config.ts';
import { REMEDIES } from '../model/container-policy.ts';
import { errorMessage } from '../model/error-message.ts';
import { notifySchema } from './notify-schema.ts';
import { whole, within } from './number-bounds.ts';

const percent = within(0, 100_000);
/** Memory has recovered at this over `releaseRatio`, so at 80 % at most: a healthy host might never reach more. */
const MOST_AVAILABLE = 40;
const text = v.pipe(v.string(), v.nonEmpty());
/** It becomes part of DOCKER_HOST in the cron job, where control characters and backslashes have no safe form. */
const socket = v.pipe(
  text,
  v.startsWith('/', 'must be an absolute path'),
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused
  v.regex(/^[^\u0000-\u001f\u007f\\]*$/, 'must not contain control characters or backslashes'),
);
const mode = v.picklist(['observe', 'dry-run', 'enforce']);

/** Which containers an entry of `manage` is about; all that it gives must match. */
export const MATCH_FIELDS = ['name', 'image', 'label', 'project', 'service'] as const;

const NO_MATCH_FIELD = `needs at least one of ${MATCH_FIELDS.join(', ')}: which containers is it about?`;

const manage = v.array(
  v.pipe(
    v.strictObject({
      name: v.optional(text),
      image: v.optional(text),
      label: v.optional(text),
      project: v.optional(text),
      service: v.optional(text),
      allow: v.optional(
        v.union(
          [v.literal('none'), v.pipe(v.array(v.picklist(REMEDIES)), v.nonEmpty())],
          `must be none, or a list of ${REMEDIES.join(', ')}`,
        ),
      ),
      priority: v.optional(within(-1e9, 1e9)),
      cpuPercent: v.optional(within(1, 100_000)),
      expectedMib: v.optional(within(1, 1e9)),
      graceSeconds: v.optional(within(0, 86_400)),
      dependants: v.optional(v.pipe(v.array(text), v.maxLength(50, 'at most 50'))),
    }),
    v.check((entry) => MATCH_FIELDS.some((field) => entry[field] !== undefined), NO_MATCH_FIELD),
  ),
);

const UNKNOWN_ZONE = 'must be the name of a time zone, such as Europe/Madrid';

/** What the library says about the expression; null when it is valid. */
function cronProblem(at: string): string | null {
  try {
    return new Cron(at, { paused: true, mode: '5-part' }).nextRun() === null
      ? 'it names no time to come'
      : null;
  } catch (error) {
    return errorMessage(error);
  }
}

function isTimeZone(name: string): boolean {
  try {
    return Intl.DateTimeFormat('en', { timeZone: name }) !== null;
  } catch {
    return false;
  }
}

const maintenance = v.array(
  v.strictObject({
    at: v.pipe(
      v.string('must be text: put it in quotes'),
      v.check(
        (at) => cronProblem(at) === null,
        ({ input }) => `must be a cron expression, such as "30 3 * * SUN": ${cronProblem(input)}`,
      ),
    ),
    minutes: whole(1, 10_080),
    timeZone: v.optional(v.nullable(v.pipe(v.string(), v.check(isTimeZone, UNKNOWN_ZONE))), null),
    targets: v.optional(v.pipe(v.array(text), v.maxLength(100, 'at most 100')), []),
    reason: v.optional(v.pipe(text, v.maxLength(200, 'at most 200 characters')), 'maintenance'),
    all: v.optional(v.boolean(), false),
  }),
);

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

/** The main file's schema, with these values for what the file does not set. */
const schemaWith = (d: Config) =>
  v.strictObject({
    carnet: v.optional(
      v.pipe(
        v.string('must be text: put it in quotes'),
        v.regex(/^[A-Za-z0-9_-]{1,32}$/, '1 to 32 of A-Z a-z 0-9 _ -'),
      ),
      d.carnet,
    ),
    demo: v.optional(v.boolean(), d.demo),
    mode: v.optional(mode, d.mode),
    sensor: v.optional(v.picklist(['auto', 'kernel', 'bpf', 'procfs']), d.sensor),
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
      availableMib: v.optional(within(0, 1e9), d.pressure.availableMib),
      fullAvg10: v.optional(within(1, 100_000), d.pressure.fullAvg10),
      fullSeconds: v.optional(within(0, 3600), d.pressure.fullSeconds),
      fullBelowPercent: v.optional(within(0, 100), d.pressure.fullBelowPercent),
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
    disk: section({
      usedPercent: v.optional(within(50, 100), d.disk.usedPercent),
      fullWithinHours: v.optional(within(0, 720), d.disk.fullWithinHours),
      remedy: v.optional(v.picklist(['none', 'remove-disposables']), d.disk.remedy),
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
      idlePercent: v.optional(within(0, 100), d.act.idlePercent),
      startsPerHour: v.optional(whole(0, 100_000), d.act.startsPerHour),
    }),
    protect: section({
      names: v.optional(v.array(text), [...d.protect.names]),
      images: v.optional(v.array(text), [...d.protect.images]),
    }),
    manage: v.optional(manage, []),
    release: section({ names: v.optional(v.array(text), [...d.release.names]) }),
    maintenance: v.optional(maintenance, []),
    docker: section({
      socket: v.optional(socket, d.docker.socket),
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
    notify: notifySchema(d.notify),
    retention: section({
      samplesDays: v.optional(whole(1, 3650), d.retention.samplesDays),
      fiveMinutesDays: v.optional(whole(1, 3650), d.retention.fiveMinutesDays),
      hoursDays: v.optional(whole(1, 3650), d.retention.hoursDays),
      lifetimesDays: v.optional(whole(1, 3650), d.retention.lifetimesDays),
      decisionsDays: v.optional(whole(1, 3650), d.retention.decisionsDays),
      linesDays: v.optional(whole(1, 3650), d.retention.linesDays),
    }),
  });

/** The main file. `demo` decides which values its missing keys get. */
export const MAIN_SCHEMA = schemaWith(DEFAULTS);
export const DEMO_SCHEMA = schemaWith(DEMO_DEFAULTS);

/** A file of `vigia.d`. */
export const DROP_IN_SCHEMA = v.strictObject({
  demo: v.optional(v.boolean()),
  mode: v.optional(mode),
  protect: section({ names: v.optional(v.array(text), []), images: v.optional(v.array(text), []) }),
  manage: v.optional(manage, []),
  release: section({ names: v.optional(v.array(text), []) }),
});

/** An entry of `manage` as a file has it. */
export type ManageInFile = v.InferOutput<typeof manage>[number];
