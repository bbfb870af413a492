import * as v from 'valibot';
import { NOTIFY_EVENTS, type NotifySettings, SEVERITIES, TEMPLATES } from '../model/notification.ts';
import { whole } from './number-bounds.ts';

const text = v.pipe(v.string(), v.nonEmpty());
const path = v.pipe(text, v.startsWith('/', 'must be an absolute path'));
const url = v.pipe(
  text,
  v.check((value) => /^https?:$/.test(URL.parse(value)?.protocol ?? ''), 'must be a http or https URL'),
);
const file = v.optional(v.nullable(path), null);
/** ntfy's and ours: it becomes part of a URL, and of the log. */
const name = v.pipe(text, v.regex(/^[A-Za-z0-9_-]{1,64}$/, '1 to 64 of A-Z a-z 0-9 _ -'));
const clock = v.pipe(v.string(), v.regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time such as "22:00"'));
const zone = v.pipe(text, v.check(isTimeZone, 'no such time zone; a valid one: America/Guatemala'));

const channel = v.pipe(
  v.variant('kind', [
    v.strictObject({
      name,
      kind: v.literal('webhook'),
      template: v.optional(v.picklist(TEMPLATES), 'json'),
      url: v.optional(v.nullable(url), null),
      urlFile: file,
      tokenFile: file,
    }),
    v.strictObject({ name, kind: v.literal('ntfy'), url, topic: name, tokenFile: file }),
    v.strictObject({
      name,
      kind: v.literal('telegram'),
      url: v.optional(url, 'https://api.telegram.org'),
      chat: text,
      tokenFile: path,
    }),
    v.strictObject({
      name,
      kind: v.literal('email'),
      host: text,
      port: v.optional(whole(1, 65_535), 587),
      security: v.optional(v.picklist(['none', 'starttls', 'tls']), 'starttls'),
      user: v.optional(v.nullable(text), null),
      passwordFile: file,
      from: v.pipe(text, v.email('must be an e-mail address')),
      to: v.pipe(v.array(v.pipe(text, v.email('must be an e-mail address'))), v.nonEmpty('needs an address')),
    }),
  ]),
  v.check(
    (one) => one.kind !== 'webhook' || (one.url === null) !== (one.urlFile === null),
    'needs either url or urlFile',
  ),
  v.check(
    (one) => one.kind !== 'email' || (one.user === null) === (one.passwordFile === null),
    'user and passwordFile belong together',
  ),
);

const rule = v.strictObject({
  channels: v.optional(v.array(name), []),
  events: v.optional(v.array(v.picklist(NOTIFY_EVENTS)), []),
  kinds: v.optional(v.array(v.picklist(['disposable', 'service', 'foreign', 'protected'])), []),
  severity: v.optional(v.picklist(SEVERITIES), 'warning'),
  quiet: v.optional(
    v.nullable(
      v.strictObject({
        from: clock,
        to: clock,
        timeZone: v.optional(zone, 'UTC'),
        except: v.optional(v.picklist(SEVERITIES), 'critical'),
      }),
    ),
    null,
  ),
  group: v.optional(v.picklist(['cycle', 'event']), 'cycle'),
  repeatSeconds: v.optional(whole(0, 604_800), 600),
  remindSeconds: v.optional(whole(0, 604_800), 14_400),
});

/** The section `notify`. */
export const notifySchema = (d: NotifySettings) =>
  v.optional(
    v.pipe(
      v.strictObject({
        language: v.optional(v.picklist(['en', 'es']), d.language),
        channels: v.optional(v.pipe(v.array(channel), v.maxLength(20, 'at most 20')), []),
        rules: v.optional(v.pipe(v.array(rule), v.maxLength(50, 'at most 50')), []),
        state: v.optional(path, d.state),
        ratePerMinute: v.optional(whole(1, 600), d.ratePerMinute),
        giveUpSeconds: v.optional(whole(60, 604_800), d.giveUpSeconds),
      }),
      v.rawCheck(({ dataset, addIssue }) => {
        if (!dataset.typed) return;
        const { value } = dataset;
        const fail = (message: string, ...keys: readonly (string | number)[]) =>
          addIssue({ message, path: keys.map((key) => ({ key })) as never });
        const names = value.channels.map((one) => one.name);
        names.forEach((one, i) => {
          if (names.indexOf(one) < i) fail(`a second channel is called ${one}`, 'channels', i, 'name');
        });
        value.rules.forEach(({ channels }, i) => {
          channels.forEach((one, j) => {
            if (!names.includes(one)) fail(`no channel is called ${one}`, 'rules', i, 'channels', j);
          });
        });
      }),
    ),
    {},
  );

function isTimeZone(timeZone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone });
    return true;
  } catch {
    return false;
  }
}
