import type { Channel, NotifyRule, NotifySettings } from '../model/notification.ts';
import { SEVERITIES, type Severity } from '../model/notification.ts';
import type { Happening } from './events-of.ts';

/** Without rules, every channel is told what is worth a warning. */
const DEFAULT_RULE: NotifyRule = {
  ...{ channels: [], events: [], kinds: [], severity: 'warning', quiet: null, group: 'cycle' },
  ...{ repeatSeconds: 600, remindSeconds: 14_400 },
};

/** Happenings that go to one channel as one message, not before `notBefore`. */
export interface Parcel {
  readonly channel: string;
  readonly happenings: readonly Happening[];
  readonly notBefore: number;
}

/**
 * What goes where. `toldAt`: when the channel was last told the same, or null. A channel is told each happening once,
 * by the first rule that matches it. Quiet hours are judged at `now`: a happening may be read later than it was.
 */
export function parcelsOf(
  happenings: readonly Happening[],
  { channels, rules }: Pick<NotifySettings, 'channels' | 'rules'>,
  toldAt: (channel: string, key: string) => number | null,
  now: number,
): Parcel[] {
  return channels.flatMap(({ name }) => {
    const parcels: Parcel[] = [];
    const grouped = new Map<string, Happening[]>();
    const seen = new Set<string>();
    for (const happening of happenings) {
      const rule = ruleFor(happening, name, rules.length === 0 ? [DEFAULT_RULE] : rules);
      if (rule === undefined || seen.has(happening.key)) continue;
      if (!isDue(happening, rule, toldAt(name, happening.key))) continue;
      seen.add(happening.key);
      const notBefore = rule.quiet === null ? 0 : quietUntil(rule.quiet, happening.severity, now);
      if (rule.group === 'event') parcels.push({ channel: name, happenings: [happening], notBefore });
      else {
        const group = grouped.get(String(notBefore)) ?? [];
        grouped.set(String(notBefore), [...group, happening]);
      }
    }
    return [
      ...[...grouped].map(([notBefore, together]) => ({
        ...{ channel: name, happenings: together, notBefore: Number(notBefore) },
      })),
      ...parcels,
    ];
  });
}

/** `last`: when it was told before. A clock that was set back does not silence anything. */
function isDue({ at, isReminder }: Happening, rule: NotifyRule, last: number | null): boolean {
  if (isReminder) return rule.remindSeconds > 0 && last !== null && at - last >= rule.remindSeconds;
  return last === null || at - last >= rule.repeatSeconds || at < last;
}

function ruleFor(happening: Happening, channel: Channel['name'], rules: readonly NotifyRule[]) {
  const { events, severity, kind } = happening;
  return rules.find(
    (rule) =>
      (rule.channels.length === 0 || rule.channels.includes(channel)) &&
      (rule.events.length === 0 || events.some((event) => rule.events.includes(event))) &&
      (rule.kinds.length === 0 || kind === null || rule.kinds.includes(kind)) &&
      isAtLeast(severity, rule.severity, happening),
  );
}

/** The end of something is told wherever its beginning could be. */
const isAtLeast = (severity: Severity, least: Severity, { about }: Happening): boolean =>
  about.what === 'over' || about.what === 'back' || level(severity) >= level(least);

const level = (severity: Severity): number => SEVERITIES.indexOf(severity);

/** When the quiet hours end in which `now` falls; 0 when it need not wait. */
function quietUntil(quiet: NonNullable<NotifyRule['quiet']>, severity: Severity, now: number): number {
  if (level(severity) >= level(quiet.except)) return 0;
  const minute = minuteOfDay(now, quiet.timeZone);
  const [from, to] = [minutesOf(quiet.from), minutesOf(quiet.to)];
  const isQuiet = from <= to ? minute >= from && minute < to : minute >= from || minute < to;
  if (!isQuiet) return 0;
  const end = now - (now % 60) + ((to - minute + DAY) % DAY) * 60;
  // Daylight saving time may have begun or ended in between.
  const shift = ((minuteOfDay(end, quiet.timeZone) - to + DAY * 1.5) % DAY) - DAY / 2;
  return end - shift * 60;
}

const DAY = 1440;
const minutesOf = (clock: string): number => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3));

function minuteOfDay(at: number, timeZone: string): number {
  const format = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit' });
  return minutesOf(format.format(at * 1000));
}
