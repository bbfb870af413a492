import * as v from 'valibot';
import { ENGINE_EVENTS, type EngineEvent } from '../model/engine-event.ts';

/** Podman's name for the end, which its Docker-compatible API lets through in older versions. */
const PODMAN_DIE = 'died';
/** What the engine is asked for. */
export const ASKED_EVENTS: readonly string[] = [...ENGINE_EVENTS, PODMAN_DIE];

const Told = v.object({
  Type: v.literal('container'),
  Action: v.string(),
  time: v.number(),
  /** Podman's. */
  HealthStatus: v.optional(v.string()),
  Actor: v.object({
    ID: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
    Attributes: v.optional(v.record(v.string(), v.string()), {}),
  }),
});

/** As many digits as JSON.parse would round. In a text of the JSON the quotes would be escaped. */
const NANOSECONDS = /"timeNano":(\d{10,19})(?=[,}])/;
/** A name that a container cannot have is not carried on. */
const LONGEST_NAME = 256;

/** One line of the engine's event stream; null for what Vigía does not keep, and for what is no event. */
export function eventOfLine(line: string): EngineEvent | null {
  const told = v.safeParse(Told, jsonOf(line));
  if (!told.success) return null;
  const { Action, Actor, HealthStatus, time } = told.output;
  const { name = '', image = '', exitCode, containerExitCode, signal } = Actor.Attributes;
  const [action = '', health = HealthStatus] = Action.split(': ', 2);
  const kind = action === PODMAN_DIE ? 'die' : ENGINE_EVENTS.find((one) => one === action);
  if (kind === undefined) return null;
  const nanoseconds = NANOSECONDS.exec(line)?.[1] ?? `${time}000000000`;
  const seconds = nanoseconds.slice(0, -9);
  return {
    kind,
    moment: `${seconds}.${nanoseconds.slice(-9)}`,
    at: Number(seconds) * 1000 + Math.floor(Number(nanoseconds.slice(-9)) / 1e6),
    id: Actor.ID,
    name: name.slice(0, LONGEST_NAME),
    image: image.slice(0, LONGEST_NAME),
    exitCode: kind === 'die' ? wholeNumber(exitCode ?? containerExitCode) : null,
    signal: kind === 'kill' ? wholeNumber(signal) : null,
    health: kind === 'health_status' ? (health ?? null) : null,
  };
}

const wholeNumber = (text: string | undefined): number | null =>
  text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : null;

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
