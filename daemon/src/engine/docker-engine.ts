import * as v from 'valibot';
import type { Engine, Inspected, NewContainer } from '../model/engine.ts';
import type { EngineContainer } from '../model/snapshot.ts';
import type { ContainerId, Percent } from '../model/units.ts';
import { THROTTLE_PERIOD_US, USUAL_PERIOD_US } from './throttle-period.ts';
import { type EngineAddress, EngineError, request } from './unix-http.ts';

const State = v.picklist(['created', 'running', 'paused', 'restarting', 'removing', 'exited', 'dead']);
/** Podman's names for states that Docker names differently. */
const PODMAN_STATES: Readonly<Record<string, EngineContainer['state']>> = {
  configured: 'created',
  initialized: 'created',
  stopping: 'running',
  stopped: 'exited',
};

const ContainerList = v.array(
  v.object({
    Id: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
    Names: v.nullable(v.array(v.string())),
    Image: v.string(),
    Labels: v.nullable(v.record(v.string(), v.string())),
    State: v.string(),
    Created: v.number(),
  }),
);

const Inspection = v.object({
  Id: v.string(),
  Name: v.string(),
  State: v.object({ Running: v.boolean(), Pid: v.number() }),
  HostConfig: v.object({ NanoCpus: v.optional(v.number(), 0), CpuQuota: v.optional(v.number(), 0) }),
  Config: v.object({ Image: v.string(), Labels: v.nullable(v.record(v.string(), v.string())) }),
});

const Created = v.object({ Id: v.string() });

/** Added to the deadline of create and start: a busy host needs longer, and giving up leaves a half-made container. */
const START_EXTRA_SECONDS = 45;

/**
 * Client for the part of Docker's Engine API that Vigía uses. Every call has a deadline, every answer is validated, and
 * every failure is an EngineError. Podman's compatible socket works too; only `limitCpu` needs Podman's own API there.
 */
export class DockerEngine implements Engine {
  readonly #address: EngineAddress;
  /** Image names of containers that the list shows with an image ID only, because a newer image took over the name. */
  #imageNames: ReadonlyMap<ContainerId, string> = new Map();

  constructor(address: EngineAddress) {
    this.#address = address;
  }

  /** Lists all containers, stopped ones included. */
  async list(): Promise<EngineContainer[]> {
    const listed = await this.#get('/containers/json?all=true', ContainerList);
    const nameless = listed.filter(({ Image }) => Image.startsWith('sha256:'));
    const named = await Promise.all(
      nameless.map(async ({ Id }) => [Id, await this.#imageNameOf(Id)] as const),
    );
    this.#imageNames = new Map(named.flatMap(([id, name]) => (name === null ? [] : [[id, name]])));
    return listed.map((container) => ({
      id: container.Id,
      name: nameOf(ownName(container.Names ?? []) ?? container.Id.slice(0, 12)),
      image: this.#imageNames.get(container.Id) ?? container.Image,
      labels: container.Labels ?? {},
      state: stateOf(container.State),
      createdAt: container.Created * 1000,
    }));
  }

  /** The present state of one container; null when the engine does not know it (any more). */
  async inspect(id: ContainerId): Promise<Inspected | null> {
    const answer = await request(this.#address, { method: 'GET', path: `/containers/${id}/json` });
    if (answer.status === 404) return null;
    const found = check(Inspection, expectOk(answer, [200]), `container ${id.slice(0, 12)}`);
    return {
      id: found.Id,
      name: nameOf(found.Name),
      image: found.Config.Image,
      labels: found.Config.Labels ?? {},
      running: found.State.Running,
      pid: found.State.Pid,
      hasCpuLimit: found.HostConfig.NanoCpus > 0 || found.HostConfig.CpuQuota > 0,
    };
  }

  /** Sends SIGTERM, and SIGKILL after `graceSeconds`. Succeeds too when the container does not run or is gone. */
  async stop(id: ContainerId, graceSeconds: number): Promise<void> {
    const path = `/containers/${id}/stop?t=${graceSeconds}`;
    const answer = await request(this.#address, { method: 'POST', path, extraSeconds: graceSeconds });
    expectOk(answer, [204, 304, 404]);
  }

  /** Sends SIGTERM, and SIGKILL after `graceSeconds`, then starts it again. Fails when the container is gone. */
  async restart(id: ContainerId, graceSeconds: number): Promise<void> {
    const path = `/containers/${id}/restart?t=${graceSeconds}`;
    const extraSeconds = graceSeconds + START_EXTRA_SECONDS;
    expectOk(await request(this.#address, { method: 'POST', path, extraSeconds }), [204]);
  }

  /** Kills and removes it with its anonymous volumes. Succeeds too when it is gone (404) or being removed (409). */
  async remove(id: ContainerId): Promise<void> {
    const answer = await request(this.#address, {
      method: 'DELETE',
      path: `/containers/${id}?force=true&v=true`,
    });
    expectOk(answer, [204, 404, 409]);
  }

  /**
   * Limits CPU to a percentage of one core; null lifts the limit. Uses quota and period instead of NanoCpus, because a
   * limit set as NanoCpus cannot be lifted, and because the period marks the limit as Vigía's. Succeeds too when the
   * container is gone.
   */
  async limitCpu(id: ContainerId, percent: Percent | null): Promise<void> {
    const [period, quota] =
      percent === null
        ? [USUAL_PERIOD_US, -1]
        : [THROTTLE_PERIOD_US, Math.round((percent / 100) * THROTTLE_PERIOD_US)];
    const update = (path: string, body: object) => request(this.#address, { method: 'POST', path, body });
    const path = `/containers/${id}/update`;
    const answer = await update(path, { CpuPeriod: period, CpuQuota: quota });
    // 404 in JSON: Docker does not know the container. 404 in plain text: Podman 4 does not know this path.
    if (answer.status !== 404 || typeof answer.body !== 'string') expectOk(answer, [200, 404]);
    else expectOk(await update(`/v4.0.0/libpod${path}`, { cpu: { period, quota } }), [201, 404]);
  }

  /** Creates and starts a container without network. Removes it again when it was created but does not start. */
  async start({ name, image, labels }: NewContainer): Promise<ContainerId> {
    const body = { Image: image, Labels: labels, HostConfig: { NetworkMode: 'none' } };
    const path = `/containers/create?name=${encodeURIComponent(name)}`;
    const created = await request(this.#address, {
      method: 'POST',
      path,
      body,
      extraSeconds: START_EXTRA_SECONDS,
    });
    if (created.status === 404) throw new EngineError({ code: 'image-missing', image });
    const { Id } = check(Created, expectOk(created, [201]), `new container ${name}`);
    try {
      const start = {
        method: 'POST',
        path: `/containers/${Id}/start`,
        extraSeconds: START_EXTRA_SECONDS,
      } as const;
      expectOk(await request(this.#address, start), [204, 304]);
    } catch (error) {
      await this.remove(Id);
      throw error;
    }
    return Id;
  }

  /**
   * Name of the image that a container was created from; null when the engine cannot tell (rechecked before acting).
   */
  async #imageNameOf(id: ContainerId): Promise<string | null> {
    const known = this.#imageNames.get(id);
    return (
      known ??
      this.inspect(id).then(
        (found) => found?.image ?? null,
        () => null,
      )
    );
  }

  async #get<S extends v.GenericSchema>(path: string, schema: S): Promise<v.InferOutput<S>> {
    return check(schema, expectOk(await request(this.#address, { method: 'GET', path }), [200]), path);
  }
}

/** In characters: each message is stored three times, and an answer may have 64 MiB. */
const LONGEST_MESSAGE = 500;

function expectOk(
  answer: { status: number; body: unknown; path: string },
  allowed: readonly number[],
): unknown {
  if (allowed.includes(answer.status)) return answer.body;
  const refusal = v.safeParse(v.object({ message: v.string() }), answer.body);
  throw new EngineError({
    code: 'engine-refused',
    path: answer.path,
    status: answer.status,
    message: refusal.success ? refusal.output.message.slice(0, LONGEST_MESSAGE) : '',
  });
}

function check<S extends v.GenericSchema>(schema: S, body: unknown, what: string): v.InferOutput<S> {
  if (typeof body === 'string')
    throw new EngineError({ code: 'engine-not-json', what, beginning: body.slice(0, 80) });
  const parsed = v.safeParse(schema, body);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  const field = v.getDotPath(issue) ?? 'top';
  throw new EngineError({ code: 'engine-answer-unexpected', what, field, problem: issue.message });
}

function stateOf(state: string): EngineContainer['state'] {
  return v.is(State, state) ? state : (PODMAN_STATES[state] ?? 'unknown');
}

/** The container's own name. Links add others, in any order: `/web/db` is the alias `db` inside `/web`. */
const ownName = (names: readonly string[]): string | undefined =>
  names.find((name) => name.lastIndexOf('/') <= 0) ?? names[0];

const nameOf = (raw: string): string => raw.replace(/^\//, '');
