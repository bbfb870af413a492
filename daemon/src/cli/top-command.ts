import { styleText } from 'node:util';
import { Command } from 'commander';
import type { Config } from '../model/config.ts';
import { errorMessage } from '../model/error-message.ts';
import { openForReading } from '../record/database.ts';
import { readStatus, readTrend } from '../record/queries.ts';
import type { Paint } from '../show/spans.ts';
import { renderTop, type TopView } from '../show/top.ts';
import { FIRST_STATE, type TopState } from '../show/top-state.ts';
import { configOf, LANGUAGE, printJson, untilSignal } from './common.ts';
import { Screen } from './screen.ts';
import { pressKey } from './top-keys.ts';

const TREND = 60;
const LOOK_MS = 1000;

export function topCommand(): Command {
  return new Command('top')
    .description('a live look: host, the places of each class, containers, last decisions; ? shows the keys')
    .option('--once', 'print it once and leave, as it does where there is no terminal')
    .option('--json', 'what it shows, once, as JSON')
    .action(async ({ once, json }: { once?: boolean; json?: boolean }, command: Command) => {
      const config = configOf(command);
      // The first look says what is wrong while the terminal is still as it was.
      const view = look(config, null);
      if (json) {
        const { status, trend } = view;
        return printJson({ quotas: config.quotas, ...status, trend });
      }
      if (once || !process.stdout.isTTY || !process.stdin.isTTY) return print(view);
      await live(view, config);
    });
}

/** Colours only where they are wanted (NO_COLOR) and understood. */
const paint: Paint = (style, text) => styleText(style, text, { stream: process.stdout });

function print(view: TopView): void {
  const columns = process.stdout.columns || Number(process.env['COLUMNS']) || 80;
  console.log(renderTop(view, FIRST_STATE, { columns, rows: null }, paint).join('\n'));
}

/** Until q or a signal. The database is looked at every second; what cannot be read leaves the last view, and says so. */
async function live(first: TopView, config: Config): Promise<void> {
  const end = new AbortController();
  const signal = AbortSignal.any([untilSignal(), end.signal]);
  process.on('SIGQUIT', () => end.abort());
  let view = first;
  let state: TopState = FIRST_STATE;
  const draw = (): void => screen.draw(renderTop(view, state, screen.size, paint));
  using screen = new Screen((key) => {
    const next = pressKey(state, key);
    if (next === null) return end.abort();
    state = next;
    draw();
  }, draw);
  draw();
  const ticking = setInterval(() => {
    view = recheckTargets(config, view);
    draw();
  }, LOOK_MS);
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  clearInterval(ticking);
}

function recheckTargets(config: Config, before: TopView): TopView {
  try {
    return look(config, before);
  } catch (error) {
    return { ...before, now: new Date(), isNew: false, problem: errorMessage(error) };
  }
}

/** Opened for each look: the writer may set a damaged file aside, or switch the journal mode when it stops. */
function look(config: Config, before: TopView | null): TopView {
  const db = openForReading(config.database);
  try {
    const status = readStatus(db);
    const isNew = before !== null && status.cycle?.['tick'] !== before.status.cycle?.['tick'];
    return {
      status,
      trend: readTrend(db, TREND),
      config,
      now: new Date(),
      problem: null,
      language: LANGUAGE,
      isNew,
    };
  } finally {
    db.close();
  }
}
