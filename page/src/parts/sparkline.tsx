interface SparklineProps {
  /** Drawn at even distances, the newest last; null values are left out. */
  readonly values: readonly (number | null)[];
  /** The value at the upper edge. */
  readonly top: number;
}

const [WIDTH, HEIGHT] = [240, 40];

/** A small chart without axes, beside the figure that it belongs to. */
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
