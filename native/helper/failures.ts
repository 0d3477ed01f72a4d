import {
  type AccessObstacle,
  type ElevationObstacle,
  type EngineFailure,
  type HiddenKind,
  type LookObstacle,
  nativeObstacles,
  otherPythons,
} from '../engine.ts';
import { asArray, asCount, asOneOf, asString, asStringOrNull, type Fields } from './parse.ts';

const accessObstacles: readonly AccessObstacle[] = [
  'other-user',
  'ptrace-scope',
  'ptrace-scope-root',
  'ptrace-scope-nobody',
  'not-dumpable',
  'missing-capability',
  'hidden',
  'even-root',
  'unknown',
];
const elevationObstacles: readonly ElevationObstacle[] = ['dismissed', 'refused', 'unavailable', 'no-answer', 'unsafe', 'broken'];
const hiddenKinds: readonly HiddenKind[] = ['tasks', 'greenlets'];
const lookObstacles: readonly LookObstacle[] = ['version', 'free-threaded', 'layout'];
const failureCodes: readonly EngineFailure['code'][] = [
  ...(['unsupported-system', 'no-such-process', 'permission-denied', 'not-python', 'other-python', 'unsupported-version'] as const),
  ...(['not-visible', 'not-native', 'not-ready', 'ended-early', 'unreadable', 'not-elevated', 'internal'] as const),
];

/** @throws MessageError */
export function decodeFailure(fields: Fields): EngineFailure {
  const code = asOneOf(fields['code'], failureCodes, 'a failure');
  const pid = (): number => asCount(fields['pid'], 'a pid');
  const detail = (): string => asString(fields['detail'], 'a detail');
  const below = (): { below?: readonly number[] } =>
    fields['below'] === undefined ? {} : { below: asArray(fields['below'], 'processes').map((one) => asCount(one, 'a pid')) };
  switch (code) {
    case 'unsupported-system':
      return { code, system: asString(fields['system'], 'a system') };
    case 'no-such-process':
      return { code, pid: pid() };
    case 'not-ready':
      return { code, pid: pid(), ...below() };
    case 'permission-denied':
      return {
        code,
        pid: pid(),
        owner: asStringOrNull(fields['owner'], 'an owner'),
        reason: asOneOf(fields['reason'], accessObstacles, 'a reason'),
      };
    case 'not-python':
      return { code, pid: pid(), executable: asString(fields['executable'], 'an executable'), ...below() };
    case 'ended-early':
      return { code, pid: pid(), executable: asString(fields['executable'], 'an executable') };
    case 'other-python':
      return {
        code,
        pid: pid(),
        executable: asString(fields['executable'], 'an executable'),
        kind: asOneOf(fields['kind'], otherPythons, 'a kind'),
      };
    case 'unsupported-version':
      return { code, pid: pid(), version: asString(fields['version'], 'a version'), detail: detail() };
    case 'not-visible':
      return {
        code,
        pid: pid(),
        version: asString(fields['version'], 'a version'),
        what: asOneOf(fields['what'], hiddenKinds, 'a kind'),
        reason: asOneOf(fields['reason'], lookObstacles, 'a reason'),
      };
    case 'not-native':
      return { code, pid: pid(), reason: asOneOf(fields['reason'], nativeObstacles, 'a reason') };
    case 'unreadable':
      return { code, pid: pid(), detail: detail() };
    case 'not-elevated':
      return { code, pid: pid(), reason: asOneOf(fields['reason'], elevationObstacles, 'a reason'), detail: detail() };
    case 'internal':
      return { code, detail: detail() };
  }
}
