/** sRGB, each 0 to 1. */
export type Rgb = readonly [red: number, green: number, blue: number];

/** OKLCH: lightness 0 to 1, chroma 0 to about 0.3, hue in degrees. Equal steps look equal (bottosson.github.io/posts/oklab). */
export type Oklch = readonly [lightness: number, chroma: number, hue: number];

/** What is out of gamut is clipped. */
export function fromOklch([lightness, chroma, hue]: Oklch): Rgb {
  const a = chroma * Math.cos((hue * Math.PI) / 180);
  const b = chroma * Math.sin((hue * Math.PI) / 180);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    gamma(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    gamma(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    gamma(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ];
}

function gamma(linear: number): number {
  const value = Math.min(1, Math.max(0, linear));
  return value <= 0.0031308 ? 12.92 * value : 1.055 * value ** (1 / 2.4) - 0.055;
}

/** On the straight line between two colours, which touches no hue that neither of them has. */
export function mixOklch(from: Oklch, to: Oklch, share: number): Oklch {
  const along = (component: (color: Oklch) => number): number => component(from) * (1 - share) + component(to) * share;
  const a = along(([, chroma, hue]) => chroma * Math.cos((hue * Math.PI) / 180));
  const b = along(([, chroma, hue]) => chroma * Math.sin((hue * Math.PI) / 180));
  return [along(([lightness]) => lightness), Math.hypot(a, b), (Math.atan2(b, a) * 180) / Math.PI];
}

export function mix(from: Rgb, to: Rgb, share: number): Rgb {
  return [from[0] + (to[0] - from[0]) * share, from[1] + (to[1] - from[1]) * share, from[2] + (to[2] - from[2]) * share];
}

/** `#rgb`, `#rrggbb`, `#rrggbbaa` and `rgb(…)`/`rgba(…)`, which is what VS Code's CSS variables hold; alpha is laid over `behind`. */
export function parseColor(text: string, behind: Rgb): Rgb | undefined {
  const value = text.trim().toLowerCase();
  const hex = /^#([0-9a-f]{3,8})$/.exec(value)?.[1];
  if (hex !== undefined) {
    const digits = hex.length <= 4 ? hex.replace(/./g, '$&$&') : hex;
    if (digits.length !== 6 && digits.length !== 8) return undefined;
    const [red, green, blue, alpha = 1] = digits.match(/../g)!.map((pair) => parseInt(pair, 16) / 255);
    return mix(behind, [red!, green!, blue!], alpha);
  }
  const numbers = /^rgba?\(([^)]*)\)$/
    .exec(value)?.[1]
    ?.split(/[\s,/]+/)
    .filter(Boolean);
  if (numbers === undefined || numbers.length < 3) return undefined;
  const [red, green, blue, alpha = 1] = numbers.map((number, at) =>
    number.endsWith('%') ? parseFloat(number) / 100 : parseFloat(number) / (at < 3 ? 255 : 1),
  );
  const color: Rgb = [red!, green!, blue!];
  return [...color, alpha].every(Number.isFinite) ? mix(behind, color, alpha) : undefined;
}

export function css(color: Rgb): string {
  return `rgb(${color.map((channel) => Math.round(channel * 255)).join(' ')})`;
}

/** As ImageData stores it, on the little-endian machines all browsers run on. */
export function pixel([red, green, blue]: Rgb): number {
  return (0xff000000 | (Math.round(blue * 255) << 16) | (Math.round(green * 255) << 8) | Math.round(red * 255)) >>> 0;
}

/** CSS of a colour as ImageData stores it. */
export function pixelCss(color: number): string {
  return `rgb(${color & 255} ${(color >>> 8) & 255} ${(color >>> 16) & 255})`;
}

/** WCAG 2 relative luminance. */
export function luminance(color: Rgb): number {
  const [red, green, blue] = color.map((channel) => (channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}

/** WCAG 2 contrast ratio, 1 to 21. */
export function contrast(a: Rgb, b: Rgb): number {
  const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light! + 0.05) / (dark! + 0.05);
}
