import { luminance, mix, parseColor, pixel, type Rgb } from '../model/color.ts';
import { makePalette, type Palette } from '../model/palette.ts';
import type { LaneColors } from '../model/timeline/laneImage.ts';

/** The editor's colours and fonts as the canvas needs them. */
export interface Theme {
  readonly palette: Palette;
  /** What threads did. */
  readonly lanes: LaneColors;
  /** CSS colours. */
  readonly background: string;
  readonly foreground: string;
  readonly focus: string;
  readonly highContrast: boolean;
  readonly fontFamily: string;
}

export function readTheme(): Theme {
  const style = getComputedStyle(document.documentElement);
  const variable = (name: string): string => style.getPropertyValue(`--vscode-${name}`).trim();
  const highContrast =
    document.body.classList.contains('vscode-high-contrast') || document.body.classList.contains('vscode-high-contrast-light');
  const lightByClass = document.body.classList.contains('vscode-light') || document.body.classList.contains('vscode-high-contrast-light');
  const base: Rgb = lightByClass ? [1, 1, 1] : [0.12, 0.12, 0.12];
  const background = parseColor(variable('editor-background'), base) ?? base;
  const light = luminance(background) > 0.4;
  const border = highContrast ? (parseColor(variable('contrastBorder'), background) ?? (light ? [0, 0, 0] : [1, 1, 1])) : undefined;
  const ink: Rgb = light ? [0, 0, 0] : [1, 1, 1];
  const chart = (name: string, otherwise: Rgb): number => pixel(parseColor(variable(`charts-${name}`), background) ?? otherwise);
  return {
    palette: makePalette(background, border),
    lanes: {
      onCpu: chart('green', [0.22, 0.54, 0.2]),
      collectsGarbage: chart('purple', [0.4, 0.18, 0.57]),
      ready: chart('yellow', [0.75, 0.53, 0]),
      waiting: pixel(mix(background, ink, light ? 0.13 : 0.19)),
      holdsGil: chart('orange', [0.82, 0.41, 0.09]),
      background: pixel(background),
    },
    background: variable('editor-background') || (light ? '#ffffff' : '#1f1f1f'),
    foreground: variable('editor-foreground') || variable('foreground') || (light ? '#1f1f1f' : '#cccccc'),
    focus: (highContrast && variable('contrastActiveBorder')) || variable('focusBorder') || '#0078d4',
    highContrast,
    fontFamily: variable('font-family') || 'system-ui, sans-serif',
  };
}

/** VS Code changes the variables (style of <html>) and the theme's kind (class of <body>) in place. */
export function onThemeChange(listener: () => void): void {
  const observer = new MutationObserver(listener);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['style', 'class'] });
  observer.observe(document.body, { attributes: true, attributeFilter: ['class', 'data-vscode-theme-id', 'data-vscode-theme-kind'] });
}
