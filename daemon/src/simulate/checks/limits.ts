import { wantedCpu } from '../behaviour.ts';
import type { ModelAction } from '../host-state.ts';
import { isLimited, isOurs, type SimulatedContainer } from '../simulated-container.ts';
import { type Checks, Deadline, FAULT_LASTS_MS, type Ledger } from './ledger.ts';
import { isGuilty, misbehaves } from './truth.ts';

const HOUR_MS = 3_600_000;
/** The shortest grace period before throttling. */
const PATIENCE_MS = 60_000;
const MAX_THROTTLES_AN_HOUR = 6;
/** Deadline for lifting a limit that is not needed: the grace period, again after a crash, and a hung engine. */
const GIVEN_BACK_MS = 600_000;
/** The same for services, whose limits are held for longer each time. */
const LEFT_LIMITED_MS = HOUR_MS;
/** Nor is one limited for longer than this while memory, or CPU, is scarce. */
const LONGEST_LIMIT_MS = 6 * HOUR_MS;
/** Memory counts as scarce below this share of RAM. */
const SCARCE_SHARE = 0.15;
/** Deadline for ending misbehaviour. */
const MISBEHAVIOUR_ENDS_MS = 420_000;
/** CPU counts as contended below `act.idlePercent` over a cycle; the model's interval differs a little. */
const CONTENDED_TOLERANCE = 5;

/** Limits: set late enough, where they are needed, and lifted in time. */
export class LimitChecks implements Checks {
  throttles = 0;
  /** Limits on memory, processes and I/O. */
  limits = 0;
  readonly #ledger: Ledger;
  readonly #throttledMs = new Map<string, number[]>();
  readonly #misbehaves: Deadline;
  readonly #needsLittle: Deadline;
  readonly #leftLimited: Deadline;
  readonly #limited: Deadline;
  /** The host's busy CPU time and the time, at the ends of the last two cycles. */
  #before = { busyNs: 0, ms: 0 };
  #last = { busyNs: 0, ms: 0 };

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
    this.#misbehaves = new Deadline(ledger, 'misbehaviour');
    this.#needsLittle = new Deadline(ledger, 'given-back');
    this.#leftLimited = new Deadline(ledger, 'not-left-limited');
    this.#limited = new Deadline(ledger, 'not-left-limited');
  }

  onAction(action: ModelAction, target: SimulatedContainer): void {
    const { name, limitPercent } = target;
    if (action === 'stop' || action === 'restart')
      this.#ledger.check(
        'restored-first',
        limitPercent === null,
        `${action} ${name} while its CPU is limited`,
      );
    if (action === 'throttle') this.#onThrottle(target);
    if (action === 'squeeze' || action === 'limit-pids' || action === 'limit-io') this.limits += 1;
  }

  onDecision(): void {
    const { host, nowMs } = this.#ledger;
    this.#before = this.#last;
    this.#last = { busyNs: host.cpuBusyNs, ms: nowMs };
    const running = [...host.containers.values()].filter((one) => one.state === 'running' && isOurs(one));
    const faultMs = this.#ledger.hasRecentFault() ? FAULT_LASTS_MS : 0;
    this.#misbehaves.check(namesOf(running.filter(misbehaves)), MISBEHAVIOUR_ENDS_MS + faultMs);
    const isLittle = (one: SimulatedContainer) =>
      one.limitPercent !== null && wantedCpu(one, nowMs) < one.limitPercent / 2;
    this.#needsLittle.check(namesOf(running.filter(isLittle)), GIVEN_BACK_MS + faultMs);
    const services = running.filter((one) => one.nature === 'service' && isLimited(one));
    this.#leftLimited.check(
      namesOf(services.filter((one) => !isGuilty(one, nowMs) && !this.#isNeeded(one))),
      LEFT_LIMITED_MS + faultMs,
    );
    this.#limited.check(namesOf(services.filter((one) => !isGuilty(one, nowMs))), LONGEST_LIMIT_MS);
  }

  /** Whether what it would take without the limit is scarce. */
  #isNeeded(one: SimulatedContainer): boolean {
    if (one.pidsLimitedTo !== null || one.ioLimitedToMib !== null) return false;
    const { host } = this.#ledger;
    const { cpus, totalKb } = host.scenario.host;
    if (one.squeezedToKb !== null) return host.availableKb < SCARCE_SHARE * totalKb;
    return host.idlePercent * cpus < wantedCpu(one, host.nowMs) - one.gets;
  }

  #onThrottle(target: SimulatedContainer): void {
    const { nowMs, host, config } = this.#ledger;
    this.throttles += 1;
    const ageMs = nowMs - target.createdMs;
    this.#ledger.check(
      'patience',
      ageMs >= PATIENCE_MS,
      () => `${target.name} was throttled at the age of ${Math.round(ageMs / 1000)} s`,
    );
    const lastHour = (this.#throttledMs.get(target.id) ?? []).filter((ms) => ms > nowMs - HOUR_MS);
    this.#throttledMs.set(target.id, [...lastHour, nowMs]);
    this.#ledger.check(
      'no-oscillation',
      lastHour.length < MAX_THROTTLES_AN_HOUR,
      () => `${target.name} was throttled ${lastHour.length + 1} times in an hour`,
    );
    if (target.nature !== 'service') return;
    // Since the end of the last cycle, or of the one before when that was just now.
    const from = nowMs - this.#last.ms >= 10_000 ? this.#last : this.#before;
    const spanMs = nowMs - from.ms;
    const idle = 100 - (host.cpuBusyNs - from.busyNs) / (spanMs * 1e4 * host.scenario.host.cpus);
    this.#ledger.check(
      'contended',
      spanMs <= 0 || idle < config.act.idlePercent + CONTENDED_TOLERANCE || this.#ledger.hasRecentFault(),
      () => `${target.name} was throttled while ${idle.toFixed(0)} % of the host's CPU was idle`,
    );
  }
}

const namesOf = (containers: readonly SimulatedContainer[]): (readonly [string, string])[] =>
  containers.map(({ id, name }) => [id, name]);
