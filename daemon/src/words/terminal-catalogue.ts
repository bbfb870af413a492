import type { Config } from '../model/config.ts';
import type { Kind } from '../model/container-policy.ts';
import type { Action } from '../model/decision.ts';
import type { Level } from '../model/level.ts';
import type { Limit } from '../model/limit.ts';
import type { ScriptRun } from '../model/script.ts';
import type { SensorKind } from '../model/snapshot.ts';
import type { ShownKind } from './catalogue.ts';

/**
 * What the commands print, beside reasons: headings, notes, sentences. Figures come formatted. One catalogue for each
 * language; a text that is missing in one does not compile.
 */
export interface TerminalWords {
  /** Words that several commands share. */
  readonly common: {
    /** The short name of a class, for tables. */
    readonly classes: Readonly<Record<Level | 'unknown', string>>;
    readonly running: string;
    readonly stopped: string;
    readonly cycle: string;
    /** What Vigía does in each mode, with the mode's name. */
    readonly modes: Readonly<Record<Config['mode'], string>>;
    /** After the number of the newest cycle. `mode` is one of `modes`. */
    circumstances(age: string, sensor: string, mode: string): string;
    ago(length: string): string;
    /** The newest cycle is in the future. */
    ahead(length: string): string;
    readonly noCycle: string;
    readonly noDecision: string;
    readonly latestDecisions: string;
  };
  /** Titles of table columns; those that are the same in every language are written where they are used. */
  readonly columns: {
    readonly action: string;
    readonly age: string;
    readonly broken: string;
    readonly changed: string;
    readonly checks: string;
    readonly class: string;
    readonly container: string;
    readonly containers: string;
    readonly crashes: string;
    readonly cycle: string;
    readonly cycles: string;
    readonly database: string;
    readonly duration: string;
    readonly event: string;
    readonly faults: string;
    readonly kind: string;
    readonly killed: string;
    readonly may: string;
    readonly name: string;
    readonly newest: string;
    readonly next: string;
    readonly oldest: string;
    readonly output: string;
    readonly present: string;
    readonly reaction: string;
    readonly removed: string;
    readonly restored: string;
    readonly result: string;
    readonly rows: string;
    readonly scenario: string;
    readonly script: string;
    readonly seed: string;
    readonly size: string;
    readonly table: string;
    readonly time: string;
    readonly why: string;
  };
  readonly status: {
    ram(used: string, total: string, share: string, free: string, available: string): string;
    readonly ramUnknown: string;
    quotas(classes: string, unclassified: number): string;
    kinds(counts: string): string;
    /** `hours`: until it is full. */
    disk(path: string, used: string, free: string, left: string | null): string;
    readonly diskHint: string;
    fault(sensor: string, reason: string): string;
    notice(time: string, reason: string): string;
    readonly noContainer: string;
  };
  readonly top: {
    /** `problem`: why the newest look at the database failed. */
    tryingAgain(problem: string): string;
    fault(sensor: string, reason: string): string;
    notice(time: string, reason: string): string;
    readonly ramUnknown: string;
    ram(share: string, used: string, total: string): string;
    cpu(share: string, cores: number, load: string): string;
    readonly psi: Readonly<Record<'memory' | 'disk' | 'cpu', string>>;
    readonly noPsi: string;
    processes(total: string, ownMemory: string): string;
    missing(count: number): string;
    surplus(count: number): string;
    readonly complete: string;
    readonly emptyPlace: string;
    readonly justStarted: string;
    /** Containers that do not fit on the screen; one of the counts is above 0. */
    hidden(above: number, below: number): string;
    found(shown: number, total: number): string;
    readonly filter: string;
    readonly filterKeys: string;
    filtered(found: string, filter: string): string;
    readonly clearFilter: string;
    readonly keys: string;
    readonly closeHelp: string;
    readonly closeExplanation: string;
    /** Lines of at most 79 cells. */
    readonly help: readonly string[];
  };
  readonly events: {
    readonly none: string;
    readonly noScript: string;
    readonly nothingTold: string;
    readonly results: Readonly<Record<ScriptRun['result'], string>>;
    /** `exit` is null when a signal ended the script. */
    failed(result: string, exit: string | null): string;
  };
  readonly explain: {
    /** What was done to the container, as the predicate of a sentence whose subject is the cycle. */
    readonly did: Readonly<Record<string, string>>;
    action(tick: number, time: string, did: string, because: string): string;
    outcome(result: string, detail: string, ms: string): string;
    /** What it is, after "is". */
    readonly ownership: Readonly<Record<ShownKind, string>>;
    introduction(container: {
      readonly name: string;
      readonly id: string;
      readonly image: string;
      readonly declared: string | null;
      readonly ownership: string;
      readonly first: string;
      readonly last: string;
      readonly removed: string | null;
    }): string;
    lastClass(level: string, because: string, cpu: string, rss: string): string;
    shareOfHost(share: string): string;
    rank(rank: number, chosen: number, candidates: number, share: string): string;
    readonly noOther: string;
    nextSelected(name: string, share: string): string;
    nextExcluded(name: string, share: string, because: string): string;
    readonly neverTouched: string;
    /** What the engine told about it. */
    told(time: string, what: string): string;
    /** A container that no cycle has seen: it lived too short for one. */
    onlyTold(name: string, id: string, image: string): string;
    readonly notConsidered: string;
    notSelected(tick: number, time: string, share: string, because: string): string;
    readonly superseded: string;
    /** Other containers that the text matches. */
    alsoMatching(names: string): string;
    noMatch(text: string): string;
    noLongerRecorded(name: string): string;
  };
  readonly classify: {
    readonly groups: Readonly<Record<Level, string>>;
    readonly none: string;
    readonly standardInput: string;
    /** While a file of the modules is read a second time. */
    measuring(seconds: string): string;
    readonly noFile: string;
    /** No file was named, and the modules' file does not exist. */
    readonly noModules: string;
    readonly noPermission: string;
    readonly isDirectory: string;
  };
  readonly replay: {
    readonly noCycle: string;
    cycles(count: number, from: string, to: string, acted: number): string;
    /** In how many of the cycles the present configuration plans what was recorded. */
    asRecorded(count: number, areAll: boolean): string;
    readonly sameConfiguration: string;
    readonly notSet: string;
    more(count: number): string;
    difference(tick: number, time: string, present: string, changed: string, same: number): string;
    hold(because: string): string;
    actions(count: number): string;
    readonly nothing: string;
    allSame(cycles: number): string;
    summary(differing: number, cycles: number, onlyPresent: string, onlyChanged: string): string;
  };
  readonly simulate: {
    run(run: {
      readonly seed: number;
      readonly days: string;
      readonly cycles: number;
      readonly containers: number;
      readonly seconds: string;
      readonly cpuSeconds: string;
    }): string;
    faults(faults: number, crashes: number): string;
    done(done: {
      readonly removed: number;
      readonly kills: number;
      readonly started: number;
      readonly throttles: number;
      readonly limits: number;
      readonly restarts: number;
    }): string;
    readonly restored: string;
    readonly reaction: string;
    readonly ownMemory: string;
    readonly database: string;
    readonly neverNeeded: string;
    percentiles(p50: string, p95: string, p99: string, max: string, times: number): string;
    checks(count: string): string;
    readonly holds: string;
    readonly broken: string;
    /** Instead of `holds` for an invariant that was never checked. */
    readonly notReached: string;
    /** `clock`: days and time since the boot of the simulated host. */
    violation(tick: number, clock: string, what: string): string;
    clock(day: number, time: string): string;
    failure(tick: number, command: string): string;
    /** The scenario is meant to check `invariants`, and this run did not. */
    missed(invariants: string, command: string): string;
    readonly none: string;
    noReport(seed: number): string;
    noScenario(name: string, names: string, problem: string): string;
    fileExists(path: string): string;
  };
  readonly database: {
    size(total: string, free: string, version: number): string;
    tiers(tiers: string): string;
    tier(minutes: number, time: string): string;
    readonly sound: string;
    missingParent(rows: number, table: string, parent: string): string;
    backedUp(cycles: number, file: string): string;
    restored(cycles: number, file: string, kept: string | null): string;
    copyDamaged(message: string): string;
    /** What SQLite itself says is wrong. */
    sqlite(message: string): string;
    damaged(path: string, message: string): string;
    noPermission(path: string): string;
    cannotOpen(path: string, message: string): string;
    newerVersion(version: number, known: number): string;
    olderVersion(path: string, version: number): string;
    readonly queryHasRange: string;
    noTable(table: string, tables: string): string;
    noTime(table: string): string;
    /** Added to any error that shows that the file is damaged. */
    readonly remedy: string;
  };
  readonly parts: {
    modulesLoaded(names: string): string;
    readonly modulesAlreadyLoaded: string;
    modulesNotLoaded(because: string): string;
    readonly modulesUnloaded: string;
    readonly loaded: string;
    readonly notLoaded: string;
    readonly cronInstalled: string;
    readonly cronRemoved: string;
    readonly cronNotInstalled: string;
    grafanaRuns(address: string): string;
    readonly grafanaStopped: string;
  };
  /** One container's policy and the limits that Vigía set on it, in sentences. */
  readonly containerPolicy: {
    /** `count` containers of a kind: `2 services`. */
    counts(kind: ShownKind, count: number): string;
    /** `because` is a reason in words. */
    kind(kind: string, because: string): string;
    may(remedies: string): string;
    settings(settings: {
      readonly priority: string;
      readonly cpu: string;
      readonly memory: string | null;
      readonly grace: string;
    }): string;
    /** A threshold of the container's own, or the configuration's. */
    ownThreshold(figure: string): string;
    configured(figure: string): string;
    dependants(names: string): string;
    warning(because: string): string;
    limits(limits: string): string;
    limit(limit: Limit, figure: string): string;
  };
  readonly policy: {
    readonly kinds: Readonly<Record<Kind, string>>;
    /** What Vigía may do to a container. */
    readonly may: {
      readonly anything: string;
      only(remedies: string): string;
      readonly advise: string;
      readonly observe: string;
    };
  };
  /** vigia protect, manage and release. */
  readonly place: {
    warning(message: string): string;
    written(file: string): string;
    nothingToWrite(file: string): string;
    changes(name: string, before: string, after: string, may: string): string;
    unchanged(name: string, kind: string, may: string): string;
    /** The container is of another kind than the command asks for. */
    notAsAsked(name: string, kind: string, because: string): string;
    noContainer(match: string): string;
    engineSilent(because: string): string;
    onlyObserves(mode: string): string;
    needsRoot(file: string): string;
  };
  readonly plan: {
    measuring(seconds: string): string;
    found(count: number, kinds: string): string;
    readonly ramUnknown: string;
    ram(used: string, total: string, available: string): string;
    readonly sensors: Readonly<Record<SensorKind, string>>;
    readonly containersUnknown: string;
    readonly history: Readonly<Record<'used' | 'none', string>>;
    unusableHistory(because: string): string;
    mode(mode: string): string;
    /** Before the name of its target. */
    readonly does: Readonly<Record<Action['kind'], string>>;
    readonly nothing: string;
    readonly wouldDo: string;
    wouldDoNothing(because: string): string;
    readonly managedWouldDo: string;
    readonly managedNothing: string;
    notSeen(sensor: string, because: string): string;
    readonly notRoot: string;
  };
  /** vigia pause, resume, undo and reload. */
  readonly orders: {
    readonly wholeHost: string;
    paused(what: string, until: string, why: string, all: boolean): string;
    noMatch(target: string): string;
    resumed(what: string): string;
    readonly nothingPaused: string;
    readonly inForce: string;
    readonly noLoop: string;
    readonly late: string;
    waiting(seconds: string): string;
    readonly cannotUndo: string;
    readonly nothingToUndo: string;
    readonly undo: Readonly<
      Record<'lift' | 'start' | 'bar' | 'impossible', (name: string, verb: string) => string>
    >;
    barred(until: string): string;
    result(name: string, isDone: boolean, detail: string): string;
    notDone(name: string): string;
    readonly checked: string;
    readonly unchanged: string;
    change(path: string, before: string, after: string, place: string): string;
    readonly needsRestart: string;
    /** A line of `vigia status`. */
    status(what: string, until: string, why: string, all: boolean): string;
    /** Sentences of `vigia explain`. */
    explainPaused(until: string, why: string, all: boolean): string;
    explainBarred(verb: string, until: string): string;
    compose(address: string): string;
  };
  /** vigia up: how to switch on each part. */
  readonly up: {
    readonly observing: string;
    readonly parts: string;
    planFailed(because: string): string;
  };
  readonly launcher: {
    useLauncher(command: string): string;
    notHere(command: string): string;
  };
  /** Beside a progress bar. */
  timeLeft(length: string): string;
  cannotWrite(message: string): string;
}
