/** Line drawings on a 16 × 16 grid, in the manner of VS Code's codicons. */
const PATHS = {
  search: 'M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9M10.3 10.3l3.4 3.4',
  up: 'M3.5 10 8 5.5l4.5 4.5',
  down: 'M3.5 6 8 10.5 12.5 6',
  close: 'M4 4l8 8M12 4l-8 8',
  callers: 'M8 13.5V3M4 7l4-4 4 4',
  flip: 'M5 13V3M2.5 5.5 5 3l2.5 2.5M11 3v10M8.5 10.5 11 13l2.5-2.5',
  timeline: 'M2.5 3.5h6M5 8h8.5M2.5 12.5h4M9 12.5h4.5',
  table: 'M2.5 3.5h11v9h-11zM2.5 6.5h11M6.5 6.5v6',
  reset: 'M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10',
  help: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2M6.3 6.4a1.75 1.75 0 1 1 2.6 1.5c-.6.35-.9.7-.9 1.4M8 11.2v.3',
  source: 'M9 2.5H4v11h8v-8zM9 2.5v3h3M6 8.5h4M6 11h2.5',
  stop: 'M4 4h8v8H4z',
  pause: 'M5.5 3.5v9M10.5 3.5v9',
  resume: 'M5 3l7 5-7 5z',
  save: 'M3 3h8l2 2v8H3zM5.5 3v3.5h4V3M5 13V9h6v4',
  export: 'M8 10V2.5M5 5.5l3-3 3 3M3 9v4.5h10V9',
  copy: 'M5.5 5.5v-3h8v8h-3M2.5 5.5h8v8h-8z',
  back: 'M7 3.5 2.5 8 7 12.5M2.5 8h11',
  forward: 'M9 3.5 13.5 8 9 12.5M13.5 8h-11',
  case: 'M2 12 4.7 4h.6L8 12M3 9.2h4M14 7.2V12M14 9.5a2.2 2.3 0 1 1-4.4 0 2.2 2.3 0 0 1 4.4 0',
  pattern: 'M3 11.2h1.8V13H3zM10.5 2.5v7M7.5 4.2l6 3.6M13.5 4.2l-6 3.6',
  warning: 'M8 2.5 1.8 13.5h12.4zM8 6.5v3.2M8 11.6v.2',
} as const;

export type IconName = keyof typeof PATHS;

export function icon(name: IconName): SVGSVGElement {
  const namespace = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(namespace, 'svg');
  for (const [attribute, value] of Object.entries({ 'viewBox': '0 0 16 16', 'class': 'icon', 'aria-hidden': 'true' }))
    svg.setAttribute(attribute, value);
  const path = document.createElementNS(namespace, 'path');
  path.setAttribute('d', PATHS[name]);
  svg.append(path);
  return svg;
}
