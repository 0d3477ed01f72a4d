import path from 'node:path';
import { root } from '../../scripts/command.ts';

/** The .vsix under test, as npm run package makes it for this machine. */
export const packedExtension = path.join(root, `heatline-${process.platform}-${process.arch}.vsix`);

export const extensionId = 'heatline.heatline';

/** The program that tests profile; its folder is the workspace they open. */
export const demoFolder = path.join(root, 'test', 'demo');

/** Programs that tests start from within VS Code; a workspace, too. */
export const programsFolder = path.join(root, 'test', 'editor', 'programs');

/** Tests that tests profile; a workspace, too. */
export const testsFolder = path.join(root, 'test', 'editor', 'pythonTests');
