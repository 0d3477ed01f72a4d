import { luminance, parseColor, type Rgb } from '../model/color.ts';
import { makePalette, type Palette } from '../model/palette.ts';

/** The editor's colours and fonts as the canvas needs them. */
export interface Theme {
  readonly palette: Palette;
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
  return {
    palette: makePalette(background, border),
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
