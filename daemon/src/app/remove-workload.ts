import { DockerEngine } from '../engine/docker-engine.ts';
import type { Logger } from '../host/host.ts';
import { awaitSpawnScript } from '../host/spawn-lock.ts';
import type { Config } from '../model/config.ts';
import { errorMessage } from '../model/error-message.ts';
import { SPAWN_LABEL } from '../model/ownership.ts';
import type { EngineContainer } from '../model/snapshot.ts';
import { policyOf } from '../policy/resolve-policy.ts';

/** How long a run of the spawn script may take to end, and all removals together: systemd waits for our end. */
const SPAWN_SECONDS = 20;
const REMOVE_SECONDS = 40;

const BY_HAND = `docker rm --force --volumes $(docker ps --all --quiet --filter label=vigia.managed=true --filter label=${SPAWN_LABEL})`;

/**
 * Removes every container that the demo started, with its anonymous volumes: those of the cron job, and those that
 * filled a quota. Only disposable ones, as the present configuration has it. Never throws.
 */
export async function removeWorkload(
  config: Config,
  logger: Logger,
  // Tests have a lock of their own.
  spawnLock?: string,
): Promise<void> {
  if (!(await awaitSpawnScript(SPAWN_SECONDS, spawnLock)))
    logger.warn('demo: a run of the spawn script has not ended; what it still starts stays');
  const engine = new DockerEngine(config.docker);
  const deadline = performance.now() + REMOVE_SECONDS * 1000;
  try {
    const waiting = (await engine.list()).filter((container) => isOfDemo(container, config));
    const { length: all } = waiting;
    let removed = 0;
    const work = async (): Promise<void> => {
      for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
        if (performance.now() > deadline) return;
        await engine.remove(next.id);
        removed += 1;
      }
    };
    const done = await Promise.allSettled(Array.from({ length: config.act.atOnce }, work));
    if (removed > 0) logger.info(`demo: removed the ${removed} containers that it had started`);
    const failure = done.find((one) => one.status === 'rejected');
    if (removed < all)
      logger.warn(
        `demo: ${all - removed} of its containers were not removed (${failure ? errorMessage(failure.reason) : `not within ${REMOVE_SECONDS} s`}). By hand: ${BY_HAND}`,
      );
  } catch (error) {
    logger.warn(`demo: its containers were not removed (${errorMessage(error)}). By hand: ${BY_HAND}`);
  }
}

const isOfDemo = (container: EngineContainer, config: Config): boolean =>
  SPAWN_LABEL in container.labels && policyOf(container, config).kind === 'disposable';
