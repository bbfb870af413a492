import { before, test } from 'node:test';
import { storm } from '../kernel/kit.ts';
import { status } from '../lab/guest.ts';

/** The same as in tests/kernel with ten times as many processes. The daemon's service, which uses the modules, is stopped. */
before(() => status('systemctl', 'stop', 'vigia'));

test(
  'the modules survive 20,000 processes that exit at once while they are read',
  { timeout: 1_200_000 },
  (t) => storm(t, 20_000),
);
