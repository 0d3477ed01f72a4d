import path from 'node:path';
import { root } from '../../scripts/command.ts';
import { interpreters } from '../support/interpreters.ts';
import { findPythonTools } from '../support/pythonTools.ts';
import { packTestExtension } from './testExtension.ts';

const tools = findPythonTools(interpreters);

/** Whether there is a Python with ipykernel. */
export const hasIpykernel = tools !== null;

/** What the extension needs in its environment. */
export const jupyterEnvironment: Readonly<Record<string, string>> =
  tools === null ? {} : { HEATLINE_TOOLS_PYTHON: tools.python, HEATLINE_TOOLS_PATH: tools.environment['PYTHONPATH']! };

/** A workspace with a notebook. */
export const notebooksFolder = path.join(root, 'test', 'editor', 'notebooks');

/** Packs the extension that runs notebooks in a real ipykernel, and returns its .vsix. */
export async function packJupyter(): Promise<string> {
  return packTestExtension('jupyter');
}
