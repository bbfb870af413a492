import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { type BpfReading, decodeRecords, isComplete } from '../../daemon/src/sense/bpf-records.ts';
import { SensorError } from '../../daemon/src/sense/reading.ts';

const UNKNOWN = 2n ** 64n - 1n;

interface Usage {
  cpu?: bigint;
  read?: bigint;
  write?: bigint;
  vsz?: bigint;
  rss?: bigint;
}

const u32 = (...values: number[]) => Buffer.from(Uint32Array.from(values).buffer);
const u64 = (...values: bigint[]) => Buffer.from(BigUint64Array.from(values).buffer);
const record = (kind: number, pid: number, ...parts: Buffer[]) => {
  const body = Buffer.concat(parts);
  const head = Buffer.alloc(8, 1);
  head[1] = kind;
  head.writeUInt16LE(body.length + 8, 2);
  head.writeUInt32LE(pid, 4);
  return Buffer.concat([head, body]);
};
const usage = ({ cpu = 0n, read = 0n, write = 0n, vsz = 0n, rss = 0n }: Usage) =>
  u64(cpu, read, write, vsz, rss);
const name = (bytes: Uint8Array) => Buffer.concat([bytes, Buffer.alloc(16)]).subarray(0, 16);

const BEGIN = record(1, 0, u32(3, 0), u64(5n));
const END = record(4, 0, u64(777n, UNKNOWN));
const leader = (pid: number, of: Usage = {}, comm: Uint8Array = Buffer.from('sleep')) =>
  record(
    2,
    pid,
    ...[u32(1, 1000, 3, 7), name(comm), u64(123n), usage(of)],
    ...[u64(11n, 2n ** 40n), u32('S'.charCodeAt(0), 0)],
  );
const thread = (pid: number, tid: number, of: Usage = {}) => record(3, pid, u32(tid, 0), usage(of));
const decode = (...records: Buffer[]): BpfReading => decodeRecords(Buffer.concat([BEGIN, ...records, END]));
const refuses = (bytes: Buffer, code: string) =>
  assert.throws(
    () => decodeRecords(bytes),
    (error) => error instanceof SensorError && error.sensor === 'bpf' && error.reason.code === code,
  );

test('a process is its main thread and its other threads, in whatever order they come', () => {
  const records = [
    thread(9, 3, { cpu: 5n, read: 4096n }),
    leader(9, { cpu: 10n, read: 1n, write: 2n, vsz: 30n, rss: 20n }),
    thread(9, 12, { cpu: 7n, write: 8n }),
    thread(8, 13, { cpu: 100n }),
  ];
  const { processes, bootNs, rssSource } = decode(...records);
  assert.deepEqual([bootNs, rssSource], [777, 'summed']);
  assert.deepEqual(processes, [
    {
      ...{ pid: 9, ppid: 1, uid: 1000, threads: 3, execId: 7, name: 'sleep', state: 'S', startNs: 123 },
      ...{ cpuTimeNs: 22, ioReadBytes: 4097, ioWriteBytes: 10, vszKb: 30, rssKb: 20 },
      ...{ cgroup: 11, memoryCgroup: 2 ** 40, livingThread: 9 },
    },
  ]);
});

test('where the main thread has ended, another one gives the sizes', () => {
  const [process] = decode(
    leader(9),
    thread(9, 10, { vsz: 40n, rss: 30n }),
    thread(9, 11, { vsz: 41n, rss: 31n }),
  ).processes;
  assert.deepEqual([process?.vszKb, process?.rssKb, process?.livingThread], [40, 30, 10]);
});

test('I/O that the kernel does not count is null, and a large counter is none', () => {
  const io = (of: Usage) => decode(leader(9, of), thread(9, 10, of)).processes[0]?.ioReadBytes;
  assert.equal(io({ read: UNKNOWN, write: UNKNOWN }), null);
  assert.equal(io({ read: 2n ** 62n }), 2 ** 63);
});

test('a reading that is truncated anywhere is refused', () => {
  const whole = Buffer.concat([BEGIN, leader(1), thread(1, 2), leader(3), END]);
  for (let length = 0; length < whole.length; length += 1)
    refuses(whole.subarray(0, length), 'bpf-reading-truncated');
});

test('a record of another version, kind or size is refused', () => {
  const altered = (at: number, value: number) => {
    const bytes = Buffer.concat([BEGIN, leader(1), END]);
    bytes[BEGIN.length + at] = value;
    return bytes;
  };
  refuses(altered(0, 2), 'bpf-record-unknown');
  refuses(altered(1, 0), 'bpf-record-unknown');
  refuses(altered(1, 1), 'bpf-record-unknown');
  refuses(altered(1, 99), 'bpf-record-unknown');
  refuses(altered(2, 120), 'bpf-record-unknown');
  refuses(Buffer.concat([leader(1), END]), 'bpf-record-unknown');
});

test('a reading is complete with its last record, and what follows does not count', () => {
  const parts = [BEGIN, leader(1, { rss: 2n ** 60n }), thread(1, 2, { rss: 2n ** 60n }), END];
  for (let count = 0; count <= parts.length; count += 1)
    assert.equal(isComplete(Buffer.concat(parts.slice(0, count))), count === parts.length, `${count}`);
  const { processes } = decodeRecords(Buffer.concat([...parts, leader(5)]));
  assert.deepEqual(
    processes.map(({ pid }) => pid),
    [1],
  );
});

test('random bytes are refused or decoded, and nothing else', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
      try {
        decodeRecords(Buffer.from(bytes));
      } catch (error) {
        assert.ok(error instanceof SensorError, String(error));
      }
    }),
  );
});

test('a name is at most its 16 bytes, whatever they are, and ends at the first NUL', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), fc.nat(2), (bytes, before) => {
      const others = Array.from({ length: before }, (_, i) => leader(100 + i));
      const { processes } = decode(...others, leader(9, { cpu: 1n }, bytes), leader(10));
      const end = bytes.indexOf(0);
      const expected = Buffer.from(end < 0 ? bytes : bytes.subarray(0, end)).toString('utf8');
      const found = processes.find(({ pid }) => pid === 9);
      assert.deepEqual([found?.name, found?.cpuTimeNs, found?.uid], [expected, 1, 1000]);
      assert.equal(processes.length, before + 2);
    }),
  );
});

test('sums over any threads in any order are those of the parts', () => {
  const amount = fc.bigInt({ min: 0n, max: 2n ** 40n });
  fc.assert(
    fc.property(
      fc.array(fc.record({ pid: fc.integer({ min: 1, max: 4 }), cpu: amount, read: amount }), {
        maxLength: 30,
      }),
      fc.nat(),
      (threads, cut) => {
        const records = threads.map(({ pid, cpu, read }, i) => thread(pid, 100 + i, { cpu, read }));
        records.splice(cut % (records.length + 1), 0, ...[1, 2, 3].map((pid) => leader(pid, { cpu: 1n })));
        for (const { pid, cpuTimeNs, ioReadBytes } of decode(...records).processes) {
          const own = threads.filter((one) => one.pid === pid);
          assert.equal(cpuTimeNs, 1 + own.reduce((sum, { cpu }) => sum + Number(cpu), 0));
          assert.equal(
            ioReadBytes,
            own.reduce((sum, { read }) => sum + Number(read), 0),
          );
        }
      },
    ),
  );
});

test('the sizes of the records are those that the C header gives them', (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'vigia-records-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const header = join(import.meta.dirname, '../../bpf/record.h');
  const source = `typedef unsigned char u8; typedef unsigned short u16; typedef unsigned int u32;
    typedef unsigned long long u64;
    #include "${header}"
    #include <stddef.h>
    #include <stdio.h>
    int main(void) { printf("%d %zu %zu %zu %zu %zu %zu %zu", RECORD_SCHEMA, sizeof(struct record_begin),
      sizeof(struct record_process), sizeof(struct record_thread), sizeof(struct record_end),
      offsetof(struct record_process, usage), offsetof(struct record_process, state),
      offsetof(struct record_thread, usage)); }`;
  const built = spawnSync('gcc', ['-x', 'c', '-', '-o', join(dir, 'sizes')], {
    input: source,
    encoding: 'utf8',
  });
  assert.equal(built.status, 0, built.stderr);
  const sizes = spawnSync(join(dir, 'sizes'), { encoding: 'utf8' }).stdout;
  const expected = [1, BEGIN, leader(1), thread(1, 2), END].map((part) =>
    typeof part === 'number' ? part : part.length,
  );
  assert.equal(sizes, [...expected, 48, 104, 16].join(' '));
});
