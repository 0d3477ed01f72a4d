/** A Markdown table whose columns line up in a terminal, too. The first row is the heading; columns after `left` are flush right. */
export function table(rows: readonly (readonly string[])[], left = 3): string {
  const [heading = []] = rows;
  const widths = heading.map((_, column) => Math.max(3, ...rows.map((row) => (row[column] ?? '').length)));
  const line = (row: readonly string[]): string =>
    `| ${widths.map((size, column) => padded(row[column] ?? '', size, column >= left)).join(' | ')} |`;
  const rule = `|${widths.map((size, column) => (column >= left ? `${'-'.repeat(size + 1)}:` : `-${'-'.repeat(size)}-`)).join('|')}|`;
  return [line(heading), rule, ...rows.slice(1).map(line)].join('\n');
}

/** Three significant digits, with k and M: 1.52, 15.2, 1520 → 1.52k. */
export function short(value: number): string {
  if (!Number.isFinite(value)) return '–';
  if (value === 0) return '0';
  const [scale, unit] = Math.abs(value) >= 999_500 ? [1e6, 'M'] : Math.abs(value) >= 9995 ? [1e3, 'k'] : [1, ''];
  const scaled = value / scale;
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(scaled)) + 1e-9));
  return `${scaled.toFixed(Math.min(digits, 4))}${unit}`;
}

/** A share in per cent, exact enough to see one in a million. */
export function percent(share: number): string {
  if (!Number.isFinite(share)) return '–';
  if (share === 0) return '0 %';
  const value = share * 100;
  return `${value.toFixed(value >= 10 ? 1 : value >= 1 ? 2 : value >= 0.01 ? 3 : 4)} %`;
}

function padded(text: string, size: number, flushRight: boolean): string {
  const space = ' '.repeat(size - text.length);
  return flushRight ? space + text : text + space;
}
