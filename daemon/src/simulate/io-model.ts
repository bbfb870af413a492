import { stallsIo } from './behaviour.ts';
import { type HostState, psiAverage } from './host-state.ts';

/*
 * I/O: every container reads and writes as it wants, in proportion to the CPU that it gets and up to its limit. One above
 * its kind's threshold makes all tasks wait. Changes the containers' byte counts and the I/O pressure.
 */

const STALL_PERCENT = 80;

export function useIo(host: HostState, elapsedMs: number): void {
  let stalled = 0;
  for (const container of host.containers.values()) {
    const { ranMs, wants, gets, readsKbPerSecond, writesKbPerSecond, ioLimitedToMib, psi, kind } = container;
    if (container.state !== 'running') continue;
    if (readsKbPerSecond + writesKbPerSecond === 0) continue;
    const share = wants > 0 ? Math.min(1, gets / wants) : 0;
    const mostKb = ioLimitedToMib === null ? Number.POSITIVE_INFINITY : ioLimitedToMib * 1024;
    const reads = Math.min(readsKbPerSecond * share, mostKb);
    const writes = Math.min(writesKbPerSecond * share, mostKb);
    container.readKb += (reads * ranMs) / 1000;
    container.wroteKb += (writes * ranMs) / 1000;
    container.ioKbPerSecond = reads + writes;
    const isHeldBack = reads === mostKb || writes === mostKb;
    if (stallsIo(container)) stalled = Math.max(stalled, kind.stallPercent ?? STALL_PERCENT);
    const waits = isHeldBack ? 90 : stallsIo(container) ? 60 : 0;
    psi.io = psiAverage(psi.io, waits, elapsedMs);
    psi.ioUs += ranMs * 10 * waits;
  }
  host.ioFullAvg10 = psiAverage(host.ioFullAvg10, stalled, elapsedMs);
}
