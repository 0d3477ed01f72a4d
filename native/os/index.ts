import { TargetError } from '../targetError.ts';
import { linuxPlatform } from './linux/platform.ts';
import type { Platform } from './platform.ts';
import type { System } from './system.ts';

/** Heatline's systems, by Node's names for system and processor. */
const platforms: ReadonlyMap<string, Platform> = new Map([['linux x64', linuxPlatform]]);

/** What differs between systems, for the one we run on. @throws TargetError (unsupported-system) where there is no implementation. */
export function platform(): Platform {
  return platformOf(process.platform, process.arch);
}

/** @throws TargetError (unsupported-system) */
export function platformOf(name: NodeJS.Platform, processor: NodeJS.Architecture): Platform {
  const found = platforms.get(`${name} ${processor}`);
  if (found === undefined) throw new TargetError({ code: 'unsupported-system', system: `${name} ${processor}` });
  return found;
}

/** The system we run on. @throws TargetError (rejects; unsupported-system) where there is no implementation. */
export async function openSystem(): Promise<System> {
  return Promise.resolve(platform().openSystem());
}
