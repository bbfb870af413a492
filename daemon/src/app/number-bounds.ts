import * as v from 'valibot';

/** A number within bounds, both included; the error message names them. */
export function within(least: number, most: number, isAllowed = (_: number) => true, kind = 'number') {
  const message = ({ received }: v.BaseIssue<unknown>): string =>
    `must be a ${kind} >=${least} and <=${most}, not ${received}`;
  return v.pipe(
    v.number(message),
    v.check((value) => value >= least && value <= most && isAllowed(value), message),
  );
}

export const whole = (least: number, most: number) => within(least, most, Number.isInteger, 'whole number');
