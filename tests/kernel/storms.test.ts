import { test } from 'node:test';
import { storm } from './kit.ts';

test(
  'the modules survive fork storms, readers, memory shortage, loading and unloading, and many processes that exit at once',
  {
    timeout: 900_000,
  },
  (t) => storm(t, 2000),
);
