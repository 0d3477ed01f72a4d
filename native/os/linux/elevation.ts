import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import type { ElevationObstacle } from '../../engine.ts';
import type { ElevationFacts } from '../elevation.ts';
import { capSysPtrace } from './access.ts';
import { readProcFile, readStat } from './procFiles.ts';

// Where systems have them; NixOS's are wrappers. Never looked up in PATH, which is the user's to set.
const folders = ['/usr/bin', '/bin', '/run/wrappers/bin', '/usr/local/bin'];

/** sudo's absolute path, null when there is none. */
export function sudoPath(): string | null {
  return findSetuidRoot('sudo');
}

function findSetuidRoot(name: string): string | null {
  for (const folder of folders) {
    const file = path.join(folder, name);
    try {
      const stat = statSync(file);
      if (stat.isFile() && stat.uid === 0 && (stat.mode & 0o4000) !== 0) return file;
    } catch {
      // Not there.
    }
  }
  return null;
}

/**
 * Programs that show polkit's dialogs, as /proc/PID/comm names them (15 bytes at most): of GNOME (which is also the
 * shell), KDE, MATE, Xfce, LXDE, LXQt, Cinnamon, Deepin, Hyprland, and those that need no desktop.
 */
const agents = new Set([
  ...['gnome-shell', 'polkit-gnome-au', 'polkit-kde-auth', 'polkit-mate-aut', 'mate-polkit', 'xfce-polkit', 'lxpolkit', 'lxsession-polki'],
  ...['lxqt-policykit-', 'cinnamon', 'dde-polkit-agen', 'hyprpolkitagent', 'pantheon-agent-', 'ukui-polkit', 'soteria', 'cosmic-osd'],
]);

/** @param processIds of all processes */
export function elevationFacts(processIds: readonly number[], environment: NodeJS.ProcessEnv): ElevationFacts {
  const hasDisplay = Boolean(environment['WAYLAND_DISPLAY'] ?? environment['DISPLAY']);
  const status = readProcFile('/proc/self/status', 64 * 1024)?.toString('latin1') ?? '';
  // As in Flatpaks: then no program gives us another user's rights.
  const isBound = /^NoNewPrivs:\s*1$/m.test(status);
  return {
    sudo: isBound ? null : sudoPath(),
    pkexec: isBound ? null : findSetuidRoot('pkexec'),
    hasAgent: hasDisplay && processIds.some(isOwnAgent),
    isContainer: isContainer(environment),
    ptraceScope: Number(readProcFile('/proc/sys/kernel/yama/ptrace_scope', 16)?.toString('latin1') ?? 0) || 0,
    rootMayTrace: (BigInt(`0x${/^CapBnd:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? 'f'.repeat(16)}`) & capSysPtrace) !== 0n,
  };
}

function isOwnAgent(pid: number): boolean {
  const name = readStat(pid)?.comm ?? '';
  if (!agents.has(name)) return false;
  try {
    return statSync(`/proc/${pid}`).uid === process.getuid?.();
  } catch {
    return false;
  }
}

/** Docker, Podman, Kubernetes, LXC and systemd-nspawn leave one of these marks. */
function isContainer(environment: NodeJS.ProcessEnv): boolean {
  if (existsSync('/.dockerenv') || existsSync('/run/.containerenv') || existsSync('/run/systemd/container')) return true;
  if (environment['KUBERNETES_SERVICE_HOST'] !== undefined || environment['container'] !== undefined) return true;
  try {
    return /docker|kubepods|containerd|lxc/.test(readFileSync('/proc/1/cgroup', 'latin1'));
  } catch {
    return false;
  }
}

/** A command that runs another one in an environment of these variables alone. No shell. */
export function inEnvironment(variables: Readonly<Record<string, string>>, command: readonly string[]): string[] {
  return ['/usr/bin/env', '-i', ...Object.entries(variables).map(([name, value]) => `${name}=${value}`), ...command];
}

/** For pkexec and sudo: where programs are, and the language of the user, so that a password prompt speaks it. */
export function askingEnvironment(environment: NodeJS.ProcessEnv): Record<string, string> {
  const found: Record<string, string> = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' };
  for (const name of ['LANG', 'LANGUAGE', 'LC_ALL', 'LC_MESSAGES']) {
    const value = environment[name];
    if (value !== undefined) found[name] = value;
  }
  return found;
}

/** What an exit of sudo or pkexec means. */
export function endOf(code: number | null, signal: string | null, says = ''): [reason: ElevationObstacle, detail: string] {
  const detail = says === '' ? describeExit(code, signal) : says;
  // pkexec(1): 126 when the dialog was dismissed; 127 when the user may not, or nothing could ask: "No authentication agent found",
  // "Error getting authority" (src/programs/pkexec.c).
  if (code === 126 || signal === 'SIGINT' || code === 130) return ['dismissed', detail];
  if (code === 127) return [/agent|authority/i.test(says) ? 'unavailable' : 'refused', detail];
  // sudo(8): 1 when the user may not or the password was wrong. The helper itself says more than that.
  if (code === 1) return ['refused', detail];
  return ['broken', detail];
}

function describeExit(code: number | null, signal: string | null): string {
  return signal === null ? `it ended with code ${code ?? 'unknown'}` : `it was ended by ${signal}`;
}
