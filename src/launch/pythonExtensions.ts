import * as vscode from 'vscode';
import type { PythonCommand } from './interpreter.ts';

/** Extensions that let users choose interpreters, the one that is asked first in front. None of them need be there. */
export function extensionsThatKnow(resource: vscode.Uri | undefined): readonly (() => Promise<PythonCommand | undefined>)[] {
  return [() => fromPython(resource), () => fromPythonEnvironments(resource)];
}

/** The Python extension: `environments.getActiveEnvironmentPath`, `resolveEnvironment` (its package @vscode/python-extension). */
async function fromPython(resource: vscode.Uri | undefined): Promise<PythonCommand | undefined> {
  const environments = field(await exportsOf('ms-python.python'), 'environments');
  const active = await call(environments, 'getActiveEnvironmentPath', resource);
  if (active === undefined) return undefined;
  const resolved = await call(environments, 'resolveEnvironment', active);
  const uri = field(field(resolved, 'executable'), 'uri');
  const path = uri instanceof vscode.Uri ? uri.fsPath : undefined;
  return path === undefined ? undefined : [path];
}

/** Python Environments: `getEnvironment` and its `execInfo`, where `activatedRun` comes before `run`. */
async function fromPythonEnvironments(resource: vscode.Uri | undefined): Promise<PythonCommand | undefined> {
  const environment = await call(await exportsOf('ms-python.vscode-python-envs'), 'getEnvironment', resource);
  const execution = field(environment, 'execInfo');
  for (const way of [field(execution, 'activatedRun'), field(execution, 'run')]) {
    const executable = field(way, 'executable');
    const args = field(way, 'args');
    if (typeof executable !== 'string' || executable === '') continue;
    return [executable, ...(Array.isArray(args) ? args.filter((arg): arg is string => typeof arg === 'string') : [])];
  }
  return undefined;
}

async function exportsOf(id: string): Promise<unknown> {
  const extension = vscode.extensions.getExtension<unknown>(id);
  if (extension?.isActive === false) await extension.activate();
  return extension?.exports;
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
}

async function call(owner: unknown, name: string, argument: unknown): Promise<unknown> {
  const method = field(owner, name);
  return typeof method === 'function' ? ((await Reflect.apply(method, owner, [argument])) as unknown) : undefined;
}
