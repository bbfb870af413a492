import { Command, InvalidArgumentError, Option } from 'commander';
import { giveOrders } from '../app/give-orders.ts';
import { LONGEST_PAUSE_SECONDS, type OrderedPause } from '../app/standing-orders.ts';
import { isMeant, parseAddress } from '../model/compose.ts';
import { minuteOf } from '../model/orders.ts';
import { findRunning } from '../record/compose-queries.ts';
import { duration, inert, paint, runConfigOf, WORDS, withHelp } from './common.ts';
import { readOnly } from './read-only.ts';
import { awaitLoop } from './waiting.ts';

interface Options {
  readonly for: number;
  readonly reason: string;
  readonly all?: boolean;
}

const DEFAULT_SECONDS = 3600;

export function pauseCommand(): Command {
  const pause = new Command('pause')
    .description('take no action on the host, or on some containers, for a while; recording goes on')
    .argument('[target...]', TARGETS, validTarget)
    .addOption(
      new Option('--for <time>', 'how long, at most 7d')
        .argParser(pauseLength)
        .default(DEFAULT_SECONDS, '1h'),
    )
    .option('--reason <text>', 'why, for the record', validReason, 'vigia pause')
    .option('--all', 'against a shortage of memory do nothing either')
    .action(async (targets: string[], options: Options, command: Command) => {
      const { orders: say } = WORDS;
      const config = runConfigOf(command);
      const from = Math.floor(Date.now() / 1000);
      const ordered: OrderedPause = {
        targets: [...new Set(targets)],
        from,
        until: from + options.for,
        why: options.reason,
        all: options.all === true,
      };
      const isSame = (one: OrderedPause) =>
        JSON.stringify(one.targets.toSorted()) === JSON.stringify(ordered.targets.toSorted());
      const revision = await giveOrders(config, (orders) => ({
        ...orders,
        pauses: [...orders.pauses.filter((one) => !isSame(one)), ordered],
      }));
      const what = ordered.targets.length === 0 ? say.wholeHost : ordered.targets.join(', ');
      console.log(inert(say.paused(what, minuteOf(ordered.until), ordered.why, ordered.all)));
      const known = readOnly(config, findRunning) ?? [];
      for (const target of ordered.targets.filter((one) => !known.some((row) => isMeant(one, row))))
        console.error(paint('yellow', WORDS.place.warning(inert(say.noMatch(target))), process.stderr));
      if ((await awaitLoop(config, (inForce) => inForce.revision >= revision)) === 'reached')
        console.log(say.inForce);
    });
  return withHelp(pause, {
    notes: `A pause always ends by itself. Learning and recording go on, limits that are no longer needed are still lifted,
and what runs out of memory is still ended, unless --all. While the whole host is paused, no container is started,
by the cron job neither. Pausing the same target again replaces its pause.`,
    examples: [
      ['sudo vigia pause --for 2h --reason deployment', 'the whole host'],
      ['sudo vigia pause shop/db', 'the replicas of a Compose service, for an hour'],
      ['sudo vigia pause shop/ web', 'a Compose project and a container'],
    ],
  });
}

export function resumeCommand(): Command {
  const resume = new Command('resume')
    .description('end pauses early')
    .argument('[target...]', 'targets of pauses; all pauses if none is given', validTarget)
    .action(async (targets: string[], _options, command: Command) => {
      const { orders: say } = WORDS;
      const config = runConfigOf(command);
      const ended: string[] = [];
      const revision = await giveOrders(config, (orders) => ({
        ...orders,
        pauses: orders.pauses.flatMap((one) => {
          const left = targets.length === 0 ? [] : one.targets.filter((target) => !targets.includes(target));
          if (targets.length > 0 && left.length === one.targets.length) return [one];
          const gone = one.targets.filter((target) => !left.includes(target));
          ended.push(gone.length === 0 ? say.wholeHost : gone.join(', '));
          return left.length === 0 ? [] : [{ ...one, targets: left }];
        }),
      }));
      if (ended.length === 0) return console.log(say.nothingPaused);
      console.log(inert(say.resumed(ended.join(', '))));
      if ((await awaitLoop(config, (inForce) => inForce.revision >= revision)) === 'reached')
        console.log(say.inForce);
    });
  return withHelp(resume, {
    notes: 'A maintenance window of the configuration is not ended: change the configuration.',
    examples: [
      ['sudo vigia resume', 'every pause'],
      ['sudo vigia resume shop/db', 'that of a Compose service'],
    ],
  });
}

const TARGETS =
  "a container's name or the beginning of its ID, a Compose project, or project/service; the whole host if none is given";

/** commander calls it with each target and those before it. */
export function validTarget(text: string, before: string[] = []): string[] {
  const isValid = /^[a-zA-Z0-9][\w.-]*(?:\/[\w.-]*)?$/.test(text) && text.length <= 300;
  if (!isValid || (text.includes('/') && parseAddress(text) === null))
    throw new InvalidArgumentError('It is no container, Compose project or project/service.');
  return [...before, text];
}

function pauseLength(text: string): number {
  const seconds = duration(text);
  if (seconds > LONGEST_PAUSE_SECONDS) throw new InvalidArgumentError('A pause is at most 7d.');
  return seconds;
}

function validReason(text: string): string {
  if (text.trim() === '' || text.length > 200)
    throw new InvalidArgumentError('A reason has 1 to 200 characters.');
  return text;
}
