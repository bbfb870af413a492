import { html } from 'hono/html';
import type { Config } from '../model/config.ts';
import type { Row, Status } from '../record/queries.ts';
import { ago, formatsOf } from './format.ts';
import { classesInForce, findings, type Vitals } from './health.ts';
import { countsForQuotas } from './policy.ts';

type Markup = ReturnType<typeof html>;

const { kib, percent } = formatsOf('es');

/**
 * The top of the overview as HTML, the same as the page's script draws later, so that the overall state and the
 * containers are visible before the script has loaded. In Spanish, the page's default language.
 */
export function renderFirstLook(status: Status, config: Config, nowSeconds: number): Markup {
  const { cycle } = status;
  if (cycle === null) return html``;
  const worst = findings(status as unknown as Vitals, config, nowSeconds)[0]?.severity ?? 'good';
  return html`<a class="skip" href="#main">Ir al contenido</a>
<header class="bar"><a href="/" class="brand"><img src="/icon.svg" alt="" width="26" height="26"> Vigía</a></header>
<main id="main" tabindex="-1"><section class="verdict ${worst}"><h1>${OVERALL[worst]}</h1>
<p class="quiet">ciclo ${cycle['tick']}, ${ago(nowSeconds - Number(cycle['at']))}</p></section>
<div class="overview"><div class="column">${lanes(status, config)}</div></div></main>`;
}

function lanes(status: Status, config: Config): Markup {
  const levels = classesInForce(config);
  if (levels.length === 0) return html``;
  return html`<section><h2>Contenedores requeridos</h2><div class="lanes">
${levels.map((level) => lane(level, TITLES[level], Number(status.cycle?.[`${level}_after`]), status, config))}
</div></section>`;
}

const TITLES = { low: 'Bajo consumo', high: 'Alto consumo' } as const;

/** The overall state, by the most serious finding. */
const OVERALL = { good: 'Todo en orden', warn: 'En marcha, con avisos', bad: 'Necesita atención' } as const;

function lane(level: 'low' | 'high', title: string, running: number, status: Status, config: Config): Markup {
  const { keep } = config.quotas[level];
  const members = status.containers
    .filter((row) => countsForQuotas(row) && row['level'] === level)
    .slice(0, Math.max(running, keep));
  return html`<section class="lane ${level}"><header><h3>${title}</h3><span class="figure">${running} de ${keep}</span></header>
<ol class="places">${members.map(place)}</ol></section>`;
}

const place = (row: Row): Markup =>
  html`<li class="taken"><a href="/containers/${row['id']}" class="name">${row['name']}</a><span class="quiet">${row['image']}</span>
<span class="figures"><span>CPU <b>${percent(row['cpu_percent'])}</b></span> <span>RSS <b>${kib(row['rss_kb'])}</b></span></span></li>`;
