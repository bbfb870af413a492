interface SparklineProps {
  /** Evenly spaced enough; the newest last. */
  readonly values: readonly (number | null)[];
  /** The top of the picture: what counts as much. */
  readonly top: number;
}

const [WIDTH, HEIGHT] = [240, 40];

/** The shape of the last hour, no more: its figures stand beside it. */
export function Sparkline({ values, top }: SparklineProps) {
  const known = values.filter((value) => value !== null);
  if (known.length < 2)
    return <svg class="sparkline" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true" />;
  const x = (i: number): string => ((i / (known.length - 1)) * WIDTH).toFixed(1);
  const y = (value: number): string =>
    (HEIGHT - 1 - Math.min(1, value / (top || 1)) * (HEIGHT - 2)).toFixed(1);
  const line = known.map((value, i) => `${x(i)},${y(value)}`).join(' ');
  return (
    <svg class="sparkline" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
      <polygon points={`0,${HEIGHT} ${line} ${WIDTH},${HEIGHT}`} />
      <polyline points={line} />
    </svg>
  );
}
