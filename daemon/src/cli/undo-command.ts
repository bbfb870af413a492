import { Command, Option } from 'commander';
import { giveOrders } from '../app/give-orders.ts';
import { readInForce } from '../app/in-force.ts';
import { planUndo, type Undo, withUndos } from '../app/plan-undo.ts';
import { BAR_SECONDS } from '../app/standing-orders.ts';
import { isMeant } from '../model/compose.ts';
import type { Config } from '../model/config.ts';
import { minuteOf } from '../model/orders.ts';
import { findRunning } from '../record/compose-queries.ts';
import { type ActionRow, readEvents, readStatus } from '../record/queries.ts';
import { readNewest } from '../record/queries-page.ts';
import { CATALOGUES, render } from '../words/language.ts';
import { TerminalError } from '../words/terminal-error.ts';
import { duration, inert, LANGUAGE, runConfigOf, WORDS, wholeNumber, withHelp } from './common.ts';
import { validTarget } from './pause-commands.ts';
import { readOnly } from './read-only.ts';
import { awaitLoop, clearNote, note } from './waiting.ts';

interface Options {
  readonly decision?: number;
  readonly last?: number;
}

/** With neither a decision nor a time. */
const LAST_SECONDS = 600;
/** Of a container that is named: older actions are over, and its limits are seen on itself. */
const CONTAINER_SECONDS = 86_400;
const MOST_ACTIONS = 10_000;

export function undoCommand(): Command {
  const undo = new Command('undo')
    .description(
      'lift limits that Vigía set, start services that it stopped, and keep it from doing so again for 1 h',
    )
    .argument(
      '[container]',
      "a container's name or the beginning of its ID, a Compose project, or project/service",
      (text) => validTarget(text)[0],
    )
    .addOption(
      new Option('--decision <cycle>', 'what that cycle did').argParser(wholeNumber).conflicts('last'),
    )
    .option('--last <time>', 'what was done within this time (default: 10min; of a container: 1d)', duration)
    .action(async (target: string | undefined, options: Options, command: Command) => {
      const config = runConfigOf(command);
      const { orders: say } = WORDS;
      if (readInForce(config.database) === null) throw new TerminalError(({ orders }) => orders.cannotUndo);
      const undos = readOnly(config, (db) => {
        const meant = target === undefined ? null : findRunning(db).filter((row) => isMeant(target, row));
        const ids = meant && new Set(meant.map(({ id }) => id));
        const seconds = options.last ?? (target === undefined ? LAST_SECONDS : CONTAINER_SECONDS);
        const actions = readEvents(db, {
          limit: MOST_ACTIONS,
          ...(options.decision === undefined
            ? { sinceSeconds: Math.floor(Date.now() / 1000 - seconds) }
            : { tick: options.decision }),
        });
        return planUndo(
          actions.filter((row) => ids === null || ids.has(String(row['container_id']))),
          readStatus(db).containers,
          (row) => options.decision === undefined && ids !== null && ids.has(String(row['id'])),
        );
      });
      const { verbs } = CATALOGUES[LANGUAGE];
      const lines = (undos ?? []).map((one) => say.undo[one.how](one.name, verbs[one.kind] ?? one.kind));
      for (const line of lines) console.log(inert(line));
      const possible = (undos ?? []).filter(({ how }) => how !== 'impossible');
      if (possible.length === 0) throw new TerminalError(({ orders }) => orders.nothingToUndo);
      const revision = await giveOrders(config, (orders) => withUndos(orders, possible, Date.now() / 1000));
      console.log(say.barred(minuteOf(Date.now() / 1000 + BAR_SECONDS)));
      if ((await awaitLoop(config, (inForce) => inForce.revision >= revision)) !== 'reached') {
        process.exitCode = 1;
        return;
      }
      await reportResult(config, possible);
    });
  return withHelp(undo, {
    notes: `The running loop does it at its next cycle; the command waits for that. What was removed, and processes that were
killed, do not come back. The barred remedy is still taken against a shortage of memory.`,
    examples: [
      ['sudo vigia undo web', 'what was done to the container web'],
      ['sudo vigia undo --decision 4711', 'what cycle 4711 did (vigia events)'],
      ['sudo vigia undo --last 30min', 'what was done in the last half hour'],
    ],
    exitCodes: '0 done, 1 nothing to undo, not done, or no loop runs, 2 wrong usage or configuration',
  });
}

/** Waits for the cycle that follows the order, and prints what it did to these containers. */
async function reportResult(config: Config, undos: readonly Undo[]): Promise<void> {
  const { orders: say } = WORDS;
  const tick = (): number => Number(readOnly(config, readNewest)?.['tick'] ?? 0);
  const before = tick();
  const began = performance.now();
  const patienceMs = (3 * config.cycleSeconds + 30) * 1000;
  while (tick() <= before && performance.now() - began < patienceMs) {
    note((performance.now() - began) / 1000);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  clearNote();
  const ids = new Set(undos.map(({ id }) => id));
  // The order was read at the beginning of a cycle, which may have been recorded before the first look.
  const done: ActionRow[] = (
    readOnly(config, (db) =>
      readEvents(db, { limit: MOST_ACTIONS, sinceSeconds: Math.floor(Date.now() / 1000) - LAST_SECONDS }),
    ) ?? []
  ).filter(
    (row) =>
      Number(row['tick']) >= before &&
      ids.has(String(row['container_id'])) &&
      row.because.code === 'message' &&
      row.because.text === 'vigia undo',
  );
  for (const row of done)
    console.log(
      inert(say.result(String(row['name']), String(row['result']) === 'done', render(row.detail, LANGUAGE))),
    );
  const open = undos.filter(
    ({ id, how }) =>
      how !== 'bar' && !done.some((row) => row['container_id'] === id && row['result'] === 'done'),
  );
  for (const { name } of open) console.log(inert(say.notDone(name)));
  if (open.length > 0) process.exitCode = 1;
}
