import { lastLine, runCommand } from './command.ts';

const SEND_SECONDS = 20;

/**
 * What systemd is told about us (sd_notify(3)): nothing where it did not start us. Node has no datagram sockets of the
 * local kind, so systemd's own program speaks for us.
 */
export class ServiceManager {
  readonly #isListening = process.env['NOTIFY_SOCKET'] !== undefined;
  readonly #silenceSeconds: number;
  readonly #warn: (message: string) => void;
  #dueNs = 0;

  /** `silenceSeconds`: after so long without a sign of life it is to kill and start us again. */
  constructor(silenceSeconds: number, warn: (message: string) => void) {
    this.#silenceSeconds = silenceSeconds;
    this.#warn = warn;
  }

  /** Ready, from the first cycle on; `status` is shown by `systemctl status`. */
  cycleDone(status: string, nowNs: number): void {
    this.#send(
      ['READY=1', `STATUS=${status}`, `WATCHDOG_USEC=${Math.ceil(this.#silenceSeconds * 1e6)}`],
      nowNs,
    );
  }

  /** May be called as often as one likes. */
  alive(nowNs: number): void {
    if (nowNs >= this.#dueNs) this.#send([], nowNs);
  }

  #send(lines: readonly string[], nowNs: number): void {
    if (!this.#isListening) return;
    this.#dueNs = nowNs + (this.#silenceSeconds / 3) * 1e9;
    runCommand('systemd-notify', [...lines, 'WATCHDOG=1'], { timeoutSeconds: SEND_SECONDS }).then((sent) => {
      if (sent.code !== 0) this.#warn(`systemd was not told that we live: ${lastLine(sent)}`);
    });
  }
}
