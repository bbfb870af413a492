import { lastLine, runCommand } from './command.ts';

const SEND_SECONDS = 20;

/**
 * Sends readiness, status and watchdog messages to systemd (sd_notify(3)); does nothing when systemd did not start us.
 * Node has no Unix datagram sockets, so the program systemd-notify sends them.
 */
export class ServiceManager {
  readonly #isListening = process.env['NOTIFY_SOCKET'] !== undefined;
  readonly #silenceSeconds: number;
  readonly #warn: (message: string) => void;
  #dueNs = 0;

  /** `silenceSeconds`: systemd kills and restarts Vigía after so long without a message. */
  constructor(silenceSeconds: number, warn: (message: string) => void) {
    this.#silenceSeconds = silenceSeconds;
    this.#warn = warn;
  }

  /** Reports readiness and sets the watchdog. `systemctl status` shows `status`. */
  cycleDone(status: string, nowNs: number): void {
    this.#send(
      ['READY=1', `STATUS=${status}`, `WATCHDOG_USEC=${Math.ceil(this.#silenceSeconds * 1e6)}`],
      nowNs,
    );
  }

  /** Resets the watchdog. May be called at any rate: a message is sent when a third of the watchdog's time is over. */
  alive(nowNs: number): void {
    if (nowNs >= this.#dueNs) this.#send([], nowNs);
  }

  #send(lines: readonly string[], nowNs: number): void {
    if (!this.#isListening) return;
    this.#dueNs = nowNs + (this.#silenceSeconds / 3) * 1e9;
    runCommand('systemd-notify', [...lines, 'WATCHDOG=1'], { timeoutSeconds: SEND_SECONDS }).then((sent) => {
      if (sent.code !== 0)
        this.#warn(
          `systemd: no watchdog message sent (${lastLine(sent)}); after ${this.#silenceSeconds} s without one it restarts Vigía`,
        );
    });
  }
}
