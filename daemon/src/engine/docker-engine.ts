import * as v from 'valibot';
import type { Engine, Inspected, NewContainer } from '../model/engine.ts';
import type { EngineContainer } from '../model/snapshot.ts';
import type { ContainerId, KiB, Percent } from '../model/units.ts';
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
    ImageID: v.optional(v.string(), ''),
    Labels: v.nullable(v.record(v.string(), v.string())),
    State: v.string(),
    Status: v.optional(v.string(), ''),
    Created: v.number(),
    HostConfig: v.optional(v.object({ NetworkMode: v.optional(v.string(), '') })),
  }),
);

const Inspection = v.object({
  Id: v.string(),
  Name: v.string(),
  State: v.object({ Running: v.boolean(), Pid: v.number() }),
  RestartCount: v.optional(v.number(), 0),
  HostConfig: v.object({
    NanoCpus: v.optional(v.number(), 0),
    CpuQuota: v.optional(v.number(), 0),
    CpuPeriod: v.optional(v.number(), 0),
  }),
  Config: v.object({
    Image: v.string(),
    Labels: v.nullable(v.record(v.string(), v.string())),
    StopTimeout: v.nullish(v.number(), null),
  }),
});

const Limited = v.object({ HostConfig: v.object({ Memory: v.optional(v.number(), 0) }) });
const LIST = '/containers/json?all=true';

const Info = v.object({ ServerVersion: v.string(), DockerRootDir: v.string() });
const Created = v.object({ Id: v.string() });

/** Added to the deadline of create and start: a busy host needs longer, and giving up leaves a half-made container. */
const START_EXTRA_SECONDS = 45;

/** The engine's own stop timeout, for containers that set none. */
const USUAL_STOP_SECONDS = 10;
/** Longest wait for a stop, however long the container may take (-1 allows it for ever). The engine goes on anyway. */
const LONGEST_STOP_SECONDS = 3600;

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

  /** Lists all containers, stopped ones included. One with labels of megabytes is in an unknown state: nothing acts on it. */
  async list(): Promise<EngineContainer[]> {
    const answer = await request(this.#address, { method: 'GET', path: LIST, isList: true });
    const listed = check(ContainerList, expectOk(answer, [200]), LIST);
    const nameless = listed.filter(({ Image }) => isNameless(Image));
    const named = await Promise.all(
      nameless.map(async ({ Id }) => [Id, await this.#imageNameOf(Id)] as const),
    );
    this.#imageNames = new Map(named.flatMap(([id, name]) => (name === null ? [] : [[id, name]])));
    return listed.map((container, i) => ({
      id: container.Id,
      name: nameOf(ownName(container.Names ?? []) ?? container.Id.slice(0, 12)),
      image:
        this.#imageNames.get(container.Id) ??
        (isNameless(container.Image) ? imageIdOf(container) : container.Image),
      labels: container.Labels ?? {},
      // What was left out may have forbidden something.
      state: answer.shortened.has(i) ? 'unknown' : stateOf(container.State),
      createdAt: container.Created * 1000,
      health: healthOf(container.Status),
      ...networkOf(container.HostConfig?.NetworkMode),
    }));
  }

  /** Its version, and the directory that holds its images, volumes and containers. */
  async about(): Promise<{ readonly version: string; readonly rootDirectory: string }> {
    const { ServerVersion, DockerRootDir } = await this.#get('/info', Info);
    return { version: ServerVersion, rootDirectory: DockerRootDir };
  }

  /** The present state of one container; null when the engine does not know it (any more). */
  async inspect(id: ContainerId): Promise<Inspected | null> {
    const answer = await request(this.#address, { method: 'GET', path: `/containers/${id}/json` });
    if (answer.status === 404) return null;
    const found = check(Inspection, expectOk(answer, [200]), `container ${id.slice(0, 12)}`);
    const { NanoCpus, CpuQuota, CpuPeriod } = found.HostConfig;
    return {
      id: found.Id,
      name: nameOf(found.Name),
      image: found.Config.Image,
      labels: found.Config.Labels ?? {},
      running: found.State.Running,
      pid: found.State.Pid,
      hasCpuLimit: NanoCpus > 0 || CpuQuota > 0,
      isCpuLimitOurs: CpuQuota > 0 && CpuPeriod === THROTTLE_PERIOD_US,
      restartCount: found.RestartCount,
      stopSeconds: found.Config.StopTimeout,
    };
  }

  /** Its limit on memory, also after its end; null without one, or when the engine does not know the container. */
  async memoryLimitKb(id: ContainerId): Promise<KiB | null> {
    const answer = await request(this.#address, { method: 'GET', path: `/containers/${id}/json` });
    if (answer.status === 404) return null;
    const { Memory } = check(Limited, expectOk(answer, [200]), `container ${id.slice(0, 12)}`).HostConfig;
    return Memory > 0 ? Math.floor(Memory / 1024) : null;
  }

  /**
   * Sends its stop signal, and SIGKILL after `graceSeconds`; null: after its own stop timeout. Succeeds too when the
   * container does not run or is gone.
   */
  async stop(id: ContainerId, graceSeconds: number | null): Promise<void> {
    const path = `/containers/${id}/stop${graceQuery(graceSeconds)}`;
    const extraSeconds = await this.#stopSeconds(id, graceSeconds);
    expectOk(await request(this.#address, { method: 'POST', path, extraSeconds }), [204, 304, 404]);
  }

  /** Stops it like `stop`, then starts it again. Fails when the container is gone. */
  async restart(id: ContainerId, graceSeconds: number | null): Promise<void> {
    const path = `/containers/${id}/restart${graceQuery(graceSeconds)}`;
    const extraSeconds = (await this.#stopSeconds(id, graceSeconds)) + START_EXTRA_SECONDS;
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

  /** How long the engine may take to stop the container. */
  async #stopSeconds(id: ContainerId, graceSeconds: number | null): Promise<number> {
    const seconds = graceSeconds ?? (await this.inspect(id))?.stopSeconds ?? USUAL_STOP_SECONDS;
    return seconds < 0 ? LONGEST_STOP_SECONDS : Math.min(seconds, LONGEST_STOP_SECONDS);
  }

  /**
   * Name of the image that a container was created from; null when the engine cannot tell (rechecked before acting).
   */
  async #imageNameOf(id: ContainerId): Promise<string | null> {
    const known = this.#imageNames.get(id);
    return (
      known ??
      this.inspect(id).then(
        (found) => (found === null || found.image === '' ? null : found.image),
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

/** Health as the list's text shows it: `Up 5 minutes (healthy)`, `Up 2 seconds (health: starting)`; Podman: `(starting)`. */
function healthOf(status: string): EngineContainer['health'] {
  const health = /\((?:health: )?(starting|healthy|unhealthy)\)$/.exec(status)?.[1];
  return health === 'starting' || health === 'healthy' || health === 'unhealthy' ? health : null;
}

/** `container:<ID>`: it uses the network of that container. */
function networkOf(mode = ''): Pick<EngineContainer, 'networkOf'> {
  const id = /^container:([0-9a-f]{64})$/.exec(mode)?.[1];
  return id === undefined ? {} : { networkOf: id };
}

/** Without `t`, the engine uses the container's own stop timeout. */
const graceQuery = (graceSeconds: number | null): string =>
  graceSeconds === null ? '' : `?t=${graceSeconds}`;

/** Whether the list shows no name of the image: its ID (Docker), nothing, or `<none>:<none>` (Podman). */
const isNameless = (image: string): boolean =>
  image.startsWith('sha256:') || image === '' || image.includes('<none>');

/**
 * The ID of an image without a name: containers of two such images never look like one. Without an ID, the container's
 * own stands for it.
 */
const imageIdOf = ({ Id, Image, ImageID }: { Id: string; Image: string; ImageID: string }): string =>
  Image.startsWith('sha256:') ? Image : `sha256:${ImageID.replace(/^sha256:/, '') || Id}`;

/** The container's own name. Links add others, in any order: `/web/db` is the alias `db` inside `/web`. */
const ownName = (names: readonly string[]): string | undefined =>
  names.find((name) => name.lastIndexOf('/') <= 0) ?? names[0];

const nameOf = (raw: string): string => raw.replace(/^\//, '');
