import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { slotOf } from '../model/baseline.ts';
import type { Config } from '../model/config.ts';
import type { Decision, Outcome, Plan } from '../model/decision.ts';
import type { HostSample, ProcessSample, Snapshot } from '../model/snapshot.ts';
import { boundedCommandLine, boundedName } from './bounded.ts';
import { inTransaction, statement } from './database.ts';
import { evidenceOf } from './evidence.ts';
import { LifeWriter } from './life-writer.ts';
import { lineOf } from './line.ts';
import { pack, toJson } from './packed.ts';
import { deletePendingCycles } from './pending-cycle.ts';
import { ProcessRates } from './process-rates.ts';
import { reasonColumns } from './reason-columns.ts';
import { reopenBuckets } from './roll-up.ts';
import { SnapshotWriter } from './snapshots.ts';

/** Writes one cycle in one transaction: all of it or nothing. */
export class Store {
  readonly #db: DatabaseSync;
  #config: Config;
  readonly #insert: ReturnType<typeof prepare>;
  readonly #rates = new ProcessRates();
  readonly #reopen: (at: number) => void;
  #lastHost: { cpuBusyNs: number; monotonicNs: number } | null = null;
  #lastHold = '';
  readonly #lives: LifeWriter;
  readonly #snapshots: SnapshotWriter | null;

  /** Without `replayable` nothing is written for `vigia replay`. */
  constructor(db: DatabaseSync, config: Config, { replayable } = { replayable: true }) {
    this.#db = db;
    this.#snapshots = replayable ? new SnapshotWriter(db, config) : null;
    this.#config = config;
    this.#insert = prepare(db);
    this.#lives = new LifeWriter(db, () => this.#config);
    this.#reopen = reopenBuckets(db);
  }

  /** The configuration of the following cycles: who is managed may change while the daemon runs. */
  use(config: Config): void {
    this.#config = config;
    this.#snapshots?.use(config);
  }

  /** Throws when the disk is full or the file is locked; nothing of the cycle is written then. */
  save(decision: Decision, rssKb: number): void {
    const at = Math.floor(decision.snapshot.at / 1000);
    const hold = holdOf(decision.plan);
    const written: (() => void)[] = [];
    inTransaction(this.#db, () => {
      this.#reopen(at);
      this.#saveCycle(decision, at, rssKb);
      this.#saveEvidence(decision, at, hold !== '' && hold !== this.#lastHold);
      if (this.#snapshots !== null) written.push(this.#snapshots.write(decision, at));
      this.#saveHost(decision.snapshot, at);
      this.#saveDisks(decision, at);
      written.push(this.#saveContainers(decision, at));
      this.#saveProcesses(decision.snapshot, at);
      this.#saveActions(decision, at);
      this.#saveObservations(decision, at);
      this.#addUp(decision);
      deletePendingCycles(this.#db, decision.snapshot.tick);
    });
    // The transaction is committed now.
    for (const isWritten of written) isWritten();
    this.#rates.remember(decision.snapshot);
    this.#rememberHost(decision.snapshot);
    if (hold !== '') this.#lastHold = hold;
  }

  /** Candidates are kept for cycles that acted; for all cycles they would be most of the file. */
  #saveEvidence({ snapshot, plan, outcomes }: Decision, at: number, isNewHold: boolean): void {
    const { tick } = snapshot;
    if (plan.kind === 'act')
      this.#insert.evidence({ tick, body: pack(toJson(evidenceOf(plan.candidates, outcomes))) });
    if (plan.kind === 'act' || isNewHold) this.#insert.line({ at, tick, ...lineOf(plan, outcomes) });
  }

  #addUp({ snapshot, plan, outcomes }: Decision): void {
    const add = statement(
      this.#db,
      `INSERT INTO total (kind, result, value) VALUES (?, ?, ?)
       ON CONFLICT DO UPDATE SET value = value + excluded.value`,
    );
    add.run('cycle', '', 1);
    if (plan.kind === 'hold') add.run('hold', '', 1);
    const notices = snapshot.faults.filter(({ sensor }) => sensor === 'policy').length;
    if (notices > 0) add.run('notice', '', notices);
    if (snapshot.faults.length > notices) add.run('fault', '', snapshot.faults.length - notices);
    for (const { action, result } of outcomes) add.run(action.kind, result, 1);
  }

  #saveCycle({ snapshot, plan, outcomes, before, after, cost }: Decision, at: number, rssKb: number): void {
    const done = (kind: Outcome['action']['kind']) =>
      outcomes.filter(({ action, result }) => action.kind === kind && result === 'done').length;
    this.#insert.cycle({
      tick: snapshot.tick,
      at,
      sensor: snapshot.sensor,
      plan: plan.kind,
      ...reasonColumns('because', plan.kind === 'hold' ? plan.because : null),
      candidates: '[]',
      low_before: before.low,
      high_before: before.high,
      unknown_before: before.unknown,
      low_after: after.low,
      high_after: after.high,
      unknown_after: after.unknown,
      low_keep: this.#config.quotas.low.keep,
      high_keep: this.#config.quotas.high.keep,
      removed: done('remove'),
      started: done('start'),
      sense_ms: cost.senseMs,
      decide_ms: cost.decideMs,
      act_ms: cost.actMs,
      rss_kb: rssKb,
    });
    for (const { sensor, reason, blind } of snapshot.faults) {
      const message = reasonColumns('message', reason);
      this.#insert.fault({ tick: snapshot.tick, at, sensor, ...message, blind: Number(blind) });
    }
  }

  #saveHost({ host, monotonicNs, processCounts }: Snapshot, at: number): void {
    if (host === null) return;
    this.#insert.host({
      at,
      cpus: host.cpus,
      total_kb: host.totalKb,
      free_kb: host.freeKb,
      available_kb: host.availableKb,
      used_kb: host.usedKb,
      cpu_percent: this.#hostCpu(host, monotonicNs),
      load1: host.load1,
      memory_full_avg10: host.memoryFullAvg10,
      memory_some_avg10: host.memorySomeAvg10,
      io_full_avg10: host.ioFullAvg10,
      cpu_some_avg10: host.cpuSomeAvg10,
      process_total: processCounts?.total ?? null,
    });
    for (const [state, count] of Object.entries(processCounts?.byState ?? {})) {
      this.#insert.processCount({ at, state, count });
    }
  }

  #saveDisks({ snapshot, history }: Decision, at: number): void {
    for (const disk of snapshot.disks ?? []) {
      this.#insert.disk({
        ...{ at, holds: disk.holds, path: disk.path },
        total_kb: Math.round(disk.totalBytes / 1024),
        available_kb: Math.round(disk.availableBytes / 1024),
        total_inodes: disk.totalInodes,
        free_inodes: disk.freeInodes,
        full_in_hours: history.disks.get(disk.holds)?.fullInHours ?? null,
      });
    }
  }

  #hostCpu({ cpuBusyNs }: HostSample, monotonicNs: number): number | null {
    const last = this.#lastHost;
    if (last === null || cpuBusyNs === null || monotonicNs <= last.monotonicNs) return null;
    return ((cpuBusyNs - last.cpuBusyNs) / (monotonicNs - last.monotonicNs)) * 100;
  }

  #rememberHost({ host, monotonicNs }: Snapshot): void {
    if (host === null) return;
    this.#lastHost = host.cpuBusyNs === null ? null : { cpuBusyNs: host.cpuBusyNs, monotonicNs };
  }

  /** The caller calls what it returns once the transaction is committed. */
  #saveContainers({ snapshot, classifications }: Decision, at: number): () => void {
    const classificationOf = new Map(
      classifications.map((classification) => [classification.id, classification]),
    );
    const { keys, isWritten } = this.#lives.write(snapshot.containers, classificationOf, at);
    for (const { id, usage } of snapshot.containers) {
      const [classification, container] = [classificationOf.get(id), keys.get(id)];
      if (usage === null || classification === undefined || container === undefined) continue;
      this.#insert.containerSample({
        at,
        container,
        level: classification.level,
        ...reasonColumns('because', classification.because),
        breaches: classification.breaches.length === 0 ? null : JSON.stringify(classification.breaches),
        start_ns: usage.startNs,
        monotonic_ns: Math.round(snapshot.monotonicNs),
        cpu_time_ns: usage.cpuTimeNs,
        cpu_percent: classification.cpuPercent,
        vsz_kb: usage.vszKb,
        rss_kb: usage.rssKb,
        mem_percent: usage.memPercent,
        memory_current_kb: usage.memoryCurrentKb,
        memory_limit_kb: usage.memoryLimitKb,
        process_count: usage.processCount,
        io_read_bytes: usage.ioReadBytes,
        io_write_bytes: usage.ioWriteBytes,
        net_rx_bytes: usage.netRxBytes,
        net_tx_bytes: usage.netTxBytes,
        memory_used_kb: usage.memoryUsedKb,
        cpu_limit_percent: usage.cpuLimitPercent,
        cpu_limited_to: usage.isLimitOurs === true ? usage.cpuLimitPercent : null,
        squeezed_to_kb: usage.squeezedToKb,
        pids_limited_to: usage.pidsLimitedTo,
        io_limited_to: usage.ioLimitedTo,
        cpu_throttled_ns: usage.cpuThrottledNs,
        cpu_throttled_periods: usage.cpuThrottledPeriods,
        block_read_bytes: usage.blockReadBytes,
        block_write_bytes: usage.blockWriteBytes,
        memory_some_avg10: usage.memoryPsi?.someAvg10 ?? null,
        memory_some_total_us: usage.memoryPsi?.someTotalUs ?? null,
        memory_full_avg10: usage.memoryPsi?.fullAvg10 ?? null,
        memory_full_total_us: usage.memoryPsi?.fullTotalUs ?? null,
        cpu_some_avg10: usage.cpuPsi?.someAvg10 ?? null,
        cpu_some_total_us: usage.cpuPsi?.someTotalUs ?? null,
        cpu_full_avg10: usage.cpuPsi?.fullAvg10 ?? null,
        cpu_full_total_us: usage.cpuPsi?.fullTotalUs ?? null,
        io_some_avg10: usage.ioPsi?.someAvg10 ?? null,
        io_some_total_us: usage.ioPsi?.someTotalUs ?? null,
        io_full_avg10: usage.ioPsi?.fullAvg10 ?? null,
        io_full_total_us: usage.ioPsi?.fullTotalUs ?? null,
      });
    }
    return isWritten;
  }

  #saveProcesses(snapshot: Snapshot, at: number): void {
    const rated = this.#rates.rate(snapshot);
    for (const { process, cpuPercent } of largest(rated, this.#config.topProcesses)) {
      this.#insert.process({
        at,
        pid: process.pid,
        name: boundedName(process.name),
        cmdline: process.cmdline === null ? null : boundedCommandLine(process.cmdline),
        state: process.state,
        uid: process.uid,
        cpu_percent: cpuPercent,
        vsz_kb: process.vszKb,
        rss_kb: process.rssKb,
        mem_percent: process.memPercent,
        io_read_bytes: process.ioReadBytes,
        io_write_bytes: process.ioWriteBytes,
        container_id: process.containerId,
      });
    }
  }

  #saveActions({ snapshot, outcomes }: Decision, at: number): void {
    for (const { action, result, detail, id, tookMs } of outcomes) {
      this.#insert.action({
        tick: snapshot.tick,
        at,
        kind: action.kind,
        container_id: id,
        name: boundedName(action.kind === 'start' ? action.image : action.name),
        level: action.level,
        ...reasonColumns('because', action.because),
        result,
        ...reasonColumns('detail', detail),
        took_ms: tookMs,
      });
      if (action.kind === 'remove' && result === 'done') {
        this.#insert.removed.run({ id: action.id, at, code: JSON.stringify(action.because) });
      }
    }
  }

  #saveObservations({ observations }: Decision, at: number): void {
    for (const observation of observations) {
      const { image, taken, cpuPercent, memPercent } = observation;
      this.#insert.observation({
        image,
        slot: slotOf(observation),
        taken,
        at,
        cpu_percent: cpuPercent,
        mem_percent: memPercent,
      });
    }
  }
}

/** Why the cycle held: the code, for a blind one with what failed; '' where it acted or there was nothing to do. */
function holdOf(plan: Plan): string {
  if (plan.kind === 'act') return '';
  const { because } = plan;
  if (because.code === 'quotas-met' || because.code === 'surplus-excluded') return '';
  if (because.code !== 'sensor-blind') return because.code;
  return because.faults.map(({ sensor, fault }) => `${sensor} ${fault.code}`).join(', ');
}

/** The N largest by CPU and the N largest by RSS; usually far fewer than 2 N, since many are in both. */
function largest(rated: readonly { process: ProcessSample; cpuPercent: number }[], top: number) {
  const byCpu = rated.toSorted((a, b) => b.cpuPercent - a.cpuPercent).slice(0, top);
  const byRss = rated.toSorted((a, b) => b.process.rssKb - a.process.rssKb).slice(0, top);
  return new Set([...byCpu, ...byRss]);
}

function prepare(db: DatabaseSync) {
  return {
    cycle: insertInto(db, 'cycle'),
    evidence: insertInto(db, 'evidence'),
    line: insertInto(db, 'decision_line'),
    fault: insertInto(db, 'fault'),
    host: insertInto(db, 'host_sample'),
    disk: insertInto(db, 'disk_sample'),
    processCount: insertInto(db, 'process_count'),
    process: insertInto(db, 'process_sample'),
    containerSample: insertInto(db, 'container_sample'),
    action: insertInto(db, 'action'),
    observation: insertInto(db, 'observation'),
    removed: db.prepare(`UPDATE container SET removed_at = :at, removed_because_code = :code WHERE id = :id`),
  };
}

type Column = string | number | Uint8Array | null;

/**
 * Inserts rows whose keys are the columns; all rows of a table must have the same keys in the same order. The later of
 * two cycles within one second, as after a restart, overwrites. Binding by position costs half of binding by name.
 */
function insertInto(db: DatabaseSync, table: string) {
  let prepared: StatementSync | undefined;
  return (row: Readonly<Record<string, Column>>): void => {
    prepared ??= db.prepare(
      `INSERT OR REPLACE INTO ${table} (${Object.keys(row).join(', ')})
       VALUES (${Object.keys(row).fill('?').join(', ')})`,
    );
    prepared.run(...Object.values(row));
  };
}
