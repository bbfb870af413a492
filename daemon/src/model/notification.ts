import type { Kind } from './container-policy.ts';

/** What people can be told about. */
export const NOTIFY_EVENTS = [
  ...(['decision', 'attention', 'culprit', 'floor', 'blind', 'crash-loop', 'unhealthy'] as const),
  /** `oom`: memory runs out, and a container is removed or killed for it, by Vigía or the kernel, or nothing can be done. */
  ...(['oom', 'disk', 'breaker', 'stopped'] as const),
] as const;
export type NotifyEvent = (typeof NOTIFY_EVENTS)[number];

/** The mildest first. */
export const SEVERITIES = ['info', 'warning', 'critical'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** Bodies that a webhook can post. */
export const TEMPLATES = ['json', 'slack', 'discord', 'gotify', 'matrix'] as const;

/** Where messages go. Secrets are in files, which are read for each message. */
export type Channel = { readonly name: string } & (
  | {
      readonly kind: 'webhook';
      readonly template: (typeof TEMPLATES)[number];
      /** Exactly one of the two. */
      readonly url: string | null;
      readonly urlFile: string | null;
      readonly tokenFile: string | null;
    }
  | {
      readonly kind: 'ntfy';
      readonly url: string;
      readonly topic: string;
      readonly tokenFile: string | null;
    }
  | { readonly kind: 'telegram'; readonly url: string; readonly chat: string; readonly tokenFile: string }
  | {
      readonly kind: 'email';
      readonly host: string;
      readonly port: number;
      readonly security: 'none' | 'starttls' | 'tls';
      readonly user: string | null;
      readonly passwordFile: string | null;
      readonly from: string;
      readonly to: readonly string[];
    }
);

/** Which events go where, and when. For each channel, the first rule that matches an event decides. */
export interface NotifyRule {
  /** Empty: all. */
  readonly channels: readonly string[];
  readonly events: readonly NotifyEvent[];
  /** Of the container; an event about none, or one of unknown kind, always matches. */
  readonly kinds: readonly Kind[];
  readonly severity: Severity;
  /** Messages wait for the end of these hours, unless they are `except` or more severe. */
  readonly quiet: {
    readonly from: string;
    readonly to: string;
    readonly timeZone: string;
    readonly except: Severity;
  } | null;
  /** `cycle`: one message for everything that one cycle decided. */
  readonly group: 'cycle' | 'event';
  /** The same event is not told again within this time. */
  readonly repeatSeconds: number;
  /** What lasts is told again after this time; 0: only its beginning and its end. */
  readonly remindSeconds: number;
}

export interface NotifySettings {
  readonly language: 'en' | 'es';
  readonly channels: readonly Channel[];
  readonly rules: readonly NotifyRule[];
  /** The notifier's own file: how far it has read, and what waits to be sent. */
  readonly state: string;
  readonly ratePerMinute: number;
  /** A message that could not be delivered for so long is given up. */
  readonly giveUpSeconds: number;
}

/** What a channel is given: text for people, and for webhooks the same as data. */
export interface Message {
  readonly title: string;
  readonly body: string;
  readonly severity: Severity;
  /** Epoch seconds. */
  readonly at: number;
  readonly events: readonly object[];
}
