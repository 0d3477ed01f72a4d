import { basename } from 'node:path';
import { absolutePath, type FileRun, fillVariables, type RunOptions, type Variables } from '../launch/runOptions.ts';

/** The `type` of our tasks (`taskDefinitions` in package.json). */
export const TASK_TYPE = 'heatline';

/** A task of tasks.json: either a script or a module, and how to run it. */
export interface TaskDefinition {
  readonly script?: string;
  readonly module?: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env: Readonly<Record<string, string>>;
  /** A program or an environment's folder. */
  readonly python?: string;
}

/** What is wrong with a task that a user wrote. */
export type TaskFault = 'noProgram' | 'scriptAndModule' | { readonly property: string };

/** Takes what tasks.json holds; anything may be in it. */
export function parseTaskDefinition(value: Readonly<Record<string, unknown>>): TaskDefinition | TaskFault {
  for (const property of ['script', 'module', 'cwd', 'python'])
    if (value[property] !== undefined && typeof value[property] !== 'string') return { property };
  const {
    script,
    module,
    cwd,
    python,
    args = [],
    env = {},
  } = value as Readonly<Record<string, unknown>> & Omit<TaskDefinition, 'args' | 'env'>;
  if (!isStrings(args)) return { property: 'args' };
  if (typeof env !== 'object' || env === null || !isStrings(Object.values(env))) return { property: 'env' };
  const named = (text: string | undefined): text is string => text !== undefined && text.trim() !== '';
  if (!named(script) && !named(module)) return 'noProgram';
  if (named(script) && named(module)) return 'scriptAndModule';
  return {
    ...(named(script) ? { script } : { module: module! }),
    args,
    ...(named(cwd) ? { cwd } : {}),
    env: { ...(env as Readonly<Record<string, string>>) },
    ...(named(python) ? { python } : {}),
  };
}

/** Where a task is run from. */
export interface TaskPlace {
  /** Its workspace folder. */
  readonly folder: string | undefined;
  /** What `${file}` means. */
  readonly file: string | undefined;
  readonly variables: Variables;
}

/** What to run for a task. Variables that are not ours to know stay for VS Code, which fills them in when the task is run. */
export function taskRun(
  { script, module, args, cwd, env }: TaskDefinition,
  { folder, file, variables }: TaskPlace,
  settings: RunOptions,
): FileRun {
  const filled = (text: string): string => fillVariables(text, file, folder, variables);
  const path = (text: string): string => (isOpen(filled(text)) ? filled(text) : absolutePath(text, file, folder, variables));
  const program = script === undefined ? ['-m', filled(module!)] : [path(script)];
  return {
    name: script === undefined ? program[1]! : basename(program[0]!),
    args: [...program, ...args.map(filled)],
    workingDirectory: path(cwd ?? settings.workingDirectory ?? ''),
    environment: { ...settings.environment, ...Object.fromEntries(Object.entries(env).map(([name, value]) => [name, filled(value)])) },
  };
}

/** Whether a text has variables left that only VS Code knows. */
export function isOpen(text: string): boolean {
  return /\$\{[^}]*\}/.test(text);
}

/** The task that does what was run by other means, so that it can be run again and put into tasks.json. */
export function definitionOf({
  args,
  workingDirectory,
  environment,
}: FileRun): Readonly<Record<string, unknown>> & { readonly type: string } {
  const isModule = args[0] === '-m';
  const rest = args.slice(isModule ? 2 : 1);
  return {
    type: TASK_TYPE,
    ...(isModule ? { module: args[1] } : { script: args[0] }),
    ...(rest.length > 0 ? { args: rest } : {}),
    cwd: workingDirectory,
    ...(Object.keys(environment).length > 0 ? { env: environment } : {}),
  };
}

function isStrings(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
