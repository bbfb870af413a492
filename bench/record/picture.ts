/**
 * Draws the size of the file over the days, as SVG. Only the last days were written cycle by cycle and have all their
 * samples. Their size is the same in any week, so a second line adds it to the days before.
 */
export function drawGrowth({
  days,
  livedDays,
  growth,
  containersPerDay,
}: {
  days: number;
  livedDays: number;
  containersPerDay: number;
  growth: readonly { day: number; bytes: number }[];
}): string {
  const [width, height, left, top, right, bottom] = [760, 340, 60, 44, 20, 40];
  const limit = 1e9;
  const x = (day: number) => left + ((width - left - right) * day) / days;
  const y = (bytes: number) => height - bottom - ((height - top - bottom) * bytes) / (1.1 * limit);
  const last = growth.at(-1) ?? { day: 0, bytes: 0 };
  const copied = growth.slice(0, -livedDays);
  const newest = last.bytes - (copied.at(-1)?.bytes ?? 0);
  const line = (points: typeof growth) =>
    points.map(({ day, bytes }) => `${x(day).toFixed(1)},${y(bytes).toFixed(1)}`).join(' ');
  const whole = [
    { day: 0, bytes: 0 },
    ...copied.map(({ day, bytes }) => ({ day, bytes: bytes + newest * Math.min(1, day / livedDays) })),
    last,
  ];
  const kept = [{ day: 0, bytes: 0 }, ...copied, { day: last.day, bytes: last.bytes - newest }];
  const grid = [0, 200, 400, 600, 800].map(
    (mb) =>
      `<line x1="${left}" x2="${width - right}" y1="${y(mb * 1e6)}" y2="${y(mb * 1e6)}" stroke="#ddd"/><text x="${left - 8}" y="${y(mb * 1e6) + 4}" text-anchor="end">${mb}</text>`,
  );
  const months = Array.from({ length: Math.floor(days / 90) + 1 }, (_, i) => i * 90).map(
    (day) => `<text x="${x(day)}" y="${height - bottom + 18}" text-anchor="middle">${day}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12" fill="#333">
<title>Size of the database over ${days} days</title>
<rect width="${width}" height="${height}" fill="#fff"/>
<text x="${left}" y="20" font-size="14">Size of the database over ${days} days, ${Math.round(containersPerDay).toLocaleString('en')} containers a day (MB)</text>
${[...grid, ...months].join('\n')}
<line x1="${left}" x2="${width - right}" y1="${y(limit)}" y2="${y(limit)}" stroke="#c33" stroke-dasharray="6 4"/>
<text x="${width - right}" y="${y(limit) - 6}" text-anchor="end" fill="#c33">goal: under 1 GB</text>
<polyline points="${line(whole)}" fill="none" stroke="#2266aa" stroke-width="2"/>
<text x="${x(last.day)}" y="${y(last.bytes) - 8}" text-anchor="end" fill="#2266aa">whole file: ${(last.bytes / 1e6).toFixed(0)} MB</text>
<polyline points="${line(kept)}" fill="none" stroke="#88a" stroke-width="2"/>
<text x="${x(last.day)}" y="${y(last.bytes - newest) + 34}" text-anchor="end" fill="#668">without the newest week: ${((last.bytes - newest) / 1e6).toFixed(0)} MB</text>
<text x="${(left + width - right) / 2}" y="${height - 6}" text-anchor="middle">days</text>
</svg>
`;
}
