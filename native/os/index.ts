import { TargetError } from '../targetError.ts';
import type { System } from './system.ts';

let opened: Promise<System> | null = null;

/** The system we run on. @throws TargetError (unsupported-system) where there is no implementation. */
export function openSystem(): Promise<System> {
  opened ??= load();
  return opened;
}

async function load(): Promise<System> {
  if (process.platform === 'linux' && process.arch === 'x64') {
    const { LinuxSystem } = await import('./linux/linux.ts');
    return new LinuxSystem();
  }
  throw new TargetError({ code: 'unsupported-system', system: `${process.platform} ${process.arch}` });
}
