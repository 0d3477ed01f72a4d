const name = 'HEATLINE_FUZZ';

/**
 * How often a test with random inputs tries: as often as it says, times HEATLINE_FUZZ if that is set (0.1 for a quick look; 50 is
 * what the whole of them bears in a night on two cores). At least once.
 */
export function rounds(usual: number): number {
  const factor = Number(process.env[name] ?? 1);
  if (!(factor > 0)) throw new Error(`${name} has to be a number above 0, not "${process.env[name] ?? ''}".`);
  return Math.max(1, Math.round(usual * factor));
}
