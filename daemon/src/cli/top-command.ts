import { styleText } from 'node:util';
import { Command } from 'commander';
import type { Config } from '../model/config.ts';
import { openForReading } from '../record/database.ts';
import { type Row, readStatus, readStory, readTrend } from '../record/queries.ts';
import { explain } from '../show/explain.ts';
import type { Paint } from '../show/spans.ts';
import { renderTop, type TopView } from '../show/top.ts';
import { FIRST_STATE, type TopState, withinTable } from '../show/top-state.ts';
import { arrange } from '../show/top-table.ts';
import { errorText, LANGUAGE, printJson, runConfigOf, untilSignal, withHelp } from './common.ts';
import { Screen } from './screen.ts';
import { pressKey } from './top-keys.ts';

/** Host samples for the curves. */
const TREND = 60;
const LOOK_MS = 1000;

export function topCommand(): Command {
  const top = new Command('top')
    .description('show host, classes, containers and latest decisions live; ? shows the keys')
    .option('--once', 'print them once and end, as without a terminal')
    .option('--json', 'print them once as JSON')
    .action(async ({ once, json }: { once?: boolean; json?: boolean }, command: Command) => {
      const config = runConfigOf(command);
      // An error of the first look is reported before the terminal changes.
      const view = look(config, null);
      if (json) {
        const { status, trend } = view;
        return printJson({ quotas: config.quotas, ...status, trend });
      }
      if (once || !process.stdout.isTTY || !process.stdin.isTTY) return print(view);
      await live(view, config);
    });
  return withHelp(top, {
    examples: [
      ['vigia top', 'until q'],
      ['vigia top --once', 'for a script or a log'],
    ],
  });
}

/** Colours text where standard output is a terminal and NO_COLOR is not set. */
const paint: Paint = (style, text) => styleText(style, text, { stream: process.stdout });

function print(view: TopView): void {
  const columns = process.stdout.columns || Number(process.env['COLUMNS']) || 80;
  console.log(renderTop(view, FIRST_STATE, { columns, rows: null }, paint).join('\n'));
}

/** Runs until q or a signal. Reads the database every second; when that fails, the last view stays with the problem. */
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
    const found = arrange(view.status.containers, next, LANGUAGE);
    const before = state;
    state = withinTable(next, found.length);
    if (before.explained === null && state.explained !== null) {
      const explanation = explainOne(found[state.cursor], config);
      view = { ...view, explanation };
      if (explanation.length === 0) state = before;
    }
    draw();
  }, draw);
  draw();
  const ticking = setInterval(() => {
    view = { ...lookAgain(config, view), explanation: view.explanation ?? [] };
    draw();
  }, LOOK_MS);
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  clearInterval(ticking);
}

/** The sentences about a container; none when it is gone from the record, or the record cannot be read. */
function explainOne(row: Row | undefined, config: Config): string[] {
  if (row === undefined) return [];
  try {
    const db = openForReading(config.database);
    try {
      const story = readStory(db, String(row['id']));
      return story === null ? [] : explain(story, config.soft, LANGUAGE);
    } finally {
      db.close();
    }
  } catch {
    return [];
  }
}

function lookAgain(config: Config, before: TopView): TopView {
  try {
    return look(config, before);
  } catch (error) {
    return { ...before, now: new Date(), isNew: false, problem: errorText(error) };
  }
}

/** Opens the file for each look: the daemon may set it aside as damaged, or switch its journal mode when it stops. */
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
