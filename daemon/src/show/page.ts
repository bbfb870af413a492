import { html } from 'hono/html';
import { type Config, type Quota, surplusOf } from '../model/config.ts';
import type { ActionRow, Because, Row, Status } from '../record/queries.ts';
import { CATALOGUES, render } from '../words/language.ts';
import { terminalWords } from '../words/terminal.ts';
import { ago, formatsOf, shortId, time } from './format.ts';
import { classesInForce, isStale } from './health.ts';
import { kindCounts, kindName } from './policy.ts';

type Markup = ReturnType<typeof html>;

const SENSORS: Readonly<Record<string, string>> = {
  kernel: 'módulos del kernel',
  bpf: 'iterador BPF (sin módulos)',
  procfs: '/proc y cgroupfs (sin módulos)',
};

const { kib, number, percent } = formatsOf('es');

/** The overview without scripts: for browsers that run none, and where the page is not built. */
export function renderPage(status: Status, config: Config, nowSeconds: number): Markup {
  return html`<!doctype html>
<html lang="es">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Vigía</title><link rel="stylesheet" href="/plain.css">
</head>
<body>
<header><h1>Vigía</h1>${freshness(status, config, nowSeconds)}</header>
<main>
${status.cycle === null ? nothingYet(config) : overview(status, config)}
</main>
</body>
</html>`;
}

function freshness({ cycle }: Status, config: Config, nowSeconds: number): Markup {
  if (cycle === null) return html`<p class="warn">Sin datos todavía</p>`;
  const age = nowSeconds - Number(cycle['at']);
  const stale = isStale(age, config);
  const when = stale && age < 0 ? 'con fecha futura: el reloj retrocedió' : ago(age);
  return html`<p class="${stale ? 'bad' : 'good'}">${stale ? 'Detenido' : 'En marcha'} · ciclo ${cycle['tick']}, ${when} · sensor ${
    SENSORS[String(cycle['sensor'])] ?? cycle['sensor']
  } · ${terminalWords('es').common.modes[config.mode]}</p>`;
}

function nothingYet(config: Config): Markup {
  return html`<p>Todavía no hay ningún ciclo en <code>${config.database}</code>. El primero llega unos segundos después de <code>vigia up</code>.</p>`;
}

function overview(status: Status, config: Config): Markup {
  return html`
<section aria-label="Resumen" class="cards">
${classesInForce(config).map((level) =>
  quotaCard(TITLES[level], Number(status.cycle?.[`${level}_after`]), config.quotas[level], level),
)}
${memoryCard(status)}
${cpuCard(status)}
</section>
${status.faults.map((fault) => html`<p class="bad" role="alert">${fault['sensor']}: ${render(fault.message, 'es')}</p>`)}
${status.notices.map((notice) => html`<p class="warn">Aviso, ${time(notice['at'])}: ${render(notice.message, 'es')}</p>`)}
<section><h2>Contenedores en marcha</h2>${status.containers.length === 0 ? '' : html`<p>${kindCounts(status.containers, 'es')}</p>`}${containerTable(status.containers)}</section>
<section><h2>Últimas decisiones</h2>${eventTable(status.actions)}</section>
<footer><a href="/plain">Actualizar</a> · <a href="/api/status">JSON</a> · <a href="/api/events">decisiones en JSON</a> · Grafana: <a href="http://127.0.0.1:3000/">127.0.0.1:3000</a></footer>`;
}

function quotaCard(title: string, running: number, quota: Quota, level: string): Markup {
  const { keep, trim } = quota;
  const surplus = surplusOf(quota, running);
  const places = Array.from({ length: Math.max(running, keep) }, (_, i) => {
    const kind = trim && i >= keep ? 'surplus' : i < running ? 'taken' : 'empty';
    return html`<li class="${kind} ${level}"></li>`;
  });
  const summary =
    running < keep
      ? `${keep - running === 1 ? 'falta' : 'faltan'} ${keep - running}`
      : surplus > 0
        ? `${surplus === 1 ? 'sobra' : 'sobran'} ${surplus}`
        : 'completo';
  return html`<article class="card"><h2>${title}</h2><p class="figure">${running}<small> de ${keep}</small></p>
<ul class="places" aria-hidden="true">${places}</ul><p class="${summary === 'completo' ? 'good' : 'warn'}">${summary}</p></article>`;
}

function memoryCard({ host }: Status): Markup {
  if (host === null) return html``;
  const share = Number(host['used_kb']) / Number(host['total_kb']);
  return html`<article class="card"><h2>RAM en uso</h2><p class="figure">${percent(share * 100)}</p>
<meter min="0" max="1" low="0.8" high="0.95" optimum="0" value="${share}"></meter>
<p>${kib(host['used_kb'])} de ${kib(host['total_kb'])}, libre ${kib(host['free_kb'])}, disponible ${kib(host['available_kb'])}</p></article>`;
}

function cpuCard({ host }: Status): Markup {
  if (host === null) return html``;
  const cpu = host['cpu_percent'];
  return html`<article class="card"><h2>CPU</h2><p class="figure">${cpu === null ? '–' : percent(Number(cpu) / Number(host['cpus']))}</p>
<p>${host['cpus']} núcleos, carga ${number(host['load1'], 2)}</p>
<p>presión de memoria (PSI) ${host['memory_full_avg10'] === null ? 'no disponible' : percent(host['memory_full_avg10'])}</p></article>`;
}

function containerTable(rows: readonly Because[]): Markup {
  if (rows.length === 0) return html`<p>Ninguno.</p>`;
  return html`<div class="scroll"><table><thead><tr><th>Tipo</th><th>Clase</th><th>Nombre</th><th class="n">CPU</th><th class="n">RAM</th>
<th class="n">RAM %</th><th class="n">Procesos</th><th class="n">PID</th><th>Por qué</th></tr></thead><tbody>
${rows.map(
  (
    row,
  ) => html`<tr><td>${kindName(row, 'es')}</td><td>${classBadge(row)}</td><td title="${row['id']}">${row['name']}<small> ${row['image']}</small></td>
<td class="n">${percent(row['cpu_percent'])}</td><td class="n">${kib(row['rss_kb'])}</td><td class="n">${percent(row['mem_percent'])}</td>
<td class="n">${row['process_count']}</td><td class="n">${row['pid']}</td><td>${render(row.because, 'es')}</td></tr>`,
)}
</tbody></table></div>`;
}

function classBadge(row: Row): Markup {
  const name = { low: 'bajo', high: 'alto' }[String(row['level'])] ?? 'sin clasificar';
  return html`<span class="badge ${row['level']}">${name}</span>`;
}

function eventTable(rows: readonly ActionRow[]): Markup {
  if (rows.length === 0) return html`<p>Ninguna todavía.</p>`;
  return html`<div class="scroll"><table><thead><tr><th>Hora</th><th>Acción</th><th>Contenedor</th><th>Por qué</th><th>Resultado</th></tr></thead><tbody>
${rows.map(
  (
    row,
  ) => html`<tr><td>${time(row['at'])}</td><td>${CATALOGUES.es.verbs[String(row['kind'])] ?? row['kind']}</td>
<td title="${row['container_id']}">${row['name']}<small> ${shortId(row['container_id'])}</small></td><td>${render(row.because, 'es')}</td>
<td class="${row['result'] === 'done' ? 'good' : 'warn'}">${CATALOGUES.es.results[String(row['result'])] ?? row['result']}: ${render(row.detail, 'es')}</td></tr>`,
)}
</tbody></table></div>`;
}

const TITLES = { low: 'Bajo consumo', high: 'Alto consumo' } as const;

export const STYLE = `
:root { color-scheme: light dark; --line: light-dark(#d5dae1, #333c49); --card: light-dark(#fff, #1b222c);
  --good: light-dark(#17693a, #6fd695); --warn: light-dark(#8a5200, #f0b35c); --bad: light-dark(#b3261e, #ff9d94);
  --low: light-dark(#1f6fb2, #6db5f2); --high: light-dark(#b4471f, #ff9a6b); }
body { font: 15px/1.45 system-ui, sans-serif; margin: 0; background: light-dark(#f4f6f9, #12171e); color: light-dark(#1b222c, #e4e9f0); }
header, main { max-width: 78rem; margin: 0 auto; padding: 0 1rem; }
header { display: flex; flex-wrap: wrap; gap: 0 1.5rem; align-items: baseline; }
h1 { font-size: 1.5rem; margin: 1rem 0 .5rem; } h2 { font-size: 1.1rem; margin: 1.6rem 0 .5rem; } .card h2 { font-size: .9rem; margin: 0; font-weight: 600; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(13rem, 1fr)); gap: .8rem; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .8rem 1rem; }
.card p { margin: .2rem 0; } .figure { font-size: 2rem; font-weight: 650; line-height: 1.2; } small { font-weight: 400; opacity: .75; font-size: .8rem; }
.places { list-style: none; display: flex; flex-wrap: wrap; gap: .3rem; padding: 0; margin: .3rem 0; }
.places li { width: 1.1rem; height: 1.1rem; border-radius: .25rem; border: 2px solid currentColor; }
.places .low { color: var(--low); } .places .high { color: var(--high); } .places .taken { background: currentColor; }
.places .surplus { color: var(--warn); border-style: dashed; } .places .empty { border-style: dotted; }
meter { width: 100%; } .scroll { overflow-x: auto; background: var(--card); border: 1px solid var(--line); border-radius: .5rem; }
table { border-collapse: collapse; width: 100%; min-width: 46rem; font-size: .9rem; } th, td { text-align: left; padding: .4rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; }
tr:last-child td { border-bottom: 0; } .n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.badge { border: 1px solid currentColor; border-radius: 1rem; padding: 0 .5rem; white-space: nowrap; } .badge.low { color: var(--low); } .badge.high { color: var(--high); }
.good { color: var(--good); } .warn { color: var(--warn); } .bad { color: var(--bad); } footer { margin: 1.5rem 0; } a { color: var(--low); }
`;
