import type { Profile } from '../profile.ts';
import type { WriteOptions } from './format.ts';
import { type Heatmap, type HeatLine, heatmap, milliseconds, percent, printable, shownRuns } from './heatmap.ts';

/** Shades from the coldest line on; each is a class, as the page may have no styles but its own sheet. */
const SHADES = 10;

/** Files that are open when the page is opened. */
const OPEN_FILES = 5;

const shades = Array.from(
  { length: SHADES },
  (_, i) => `.h${i + 1} td{background:rgb(255 ${170 - 12 * i} 0/${(8 + 5.5 * i).toFixed(1)}%)}`,
);

const STYLE = `
:root{color-scheme:light dark}
body{font:14px/1.4 system-ui,sans-serif;margin:1.5em}
h1{font-size:1.3em}
summary{cursor:pointer;padding:.4em 0}
code,td,th{font:12px/1.45 ui-monospace,Menlo,Consolas,"DejaVu Sans Mono",monospace}
table{border-collapse:collapse;width:100%;margin-bottom:1em}
td,th{padding:0 .6em;text-align:right;white-space:pre;width:1%}
td:last-child,th:last-child{text-align:left;width:auto}
.gap td{color:GrayText}
${shades.join('\n')}
`;

/** Sources with the time of each line that was seen, as one page that needs nothing else, and no script. */
export function* heatmapHtml(profile: Profile, options: WriteOptions = {}): Generator<string, void> {
  const map = heatmap(profile, options);
  // All that comes from the profile is escaped; if it were not, nothing of it could run or be loaded.
  yield `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width">
<title>${escaped(map.title)}: heat map</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${escaped(map.title)}</h1>
<p>${milliseconds(map.time)} ms in ${map.samples} samples. Self: in the line itself; total: with what it called. Sources are as they were when this was written.</p>
`;
  for (const [i, file] of map.files.entries()) {
    yield `<details${i < OPEN_FILES ? ' open' : ''}>
<summary><code>${escaped(file.file)}</code> ${milliseconds(file.self)} ms (${percent(file.self, map)} %)</summary>
<table>
<tr><th scope="col">self ms</th><th scope="col">%</th><th scope="col">total ms</th><th scope="col">%</th><th scope="col">line</th><th></th></tr>
`;
    for (const [at, run] of shownRuns(file).entries()) {
      if (at > 0) yield '<tr class="gap"><td></td><td></td><td></td><td></td><td>⋮</td><td></td></tr>\n';
      for (const line of run) yield row(line, map);
    }
    yield '</table>\n</details>\n';
  }
  yield '</body>\n</html>\n';
}

function row({ line, self, total, text = '' }: HeatLine, map: Heatmap): string {
  const figures = (time: number): string =>
    time === 0 ? '<td></td><td></td>' : `<td>${milliseconds(time)}</td><td>${percent(time, map)}</td>`;
  // The square root, so that lines with a tenth of the hottest one's time are seen.
  const shade = self === 0 ? 0 : Math.max(1, Math.ceil(SHADES * Math.sqrt(self / map.mostSelf)));
  return `<tr${shade === 0 ? '' : ` class="h${shade}"`}>${figures(self)}${figures(total)}<td>${line}</td><td>${escaped(text)}</td></tr>\n`;
}

function escaped(text: string): string {
  return printable(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
