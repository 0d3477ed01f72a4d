/**
 * Takes the README's pictures anew, in a real VS Code with real programs: node scripts/run.mjs test/editor/pictures.ts
 *
 * They have a palette, which makes them a third as large: they are in the extension, which is to stay below 2 MB.
 */
import fs from 'node:fs';
import path from 'node:path';
import * as upng from '@pdf-lib/upng';
import { root } from '../../scripts/command.ts';
import { installVsix, makeSandbox } from '../support/vscodeServer.ts';
import { startTarget } from '../support/target.ts';
import { Workbench } from '../support/workbench.ts';
import { newestPython, startDemo } from './demo.ts';
import { demoFolder, packedExtension } from './packedExtension.ts';

const folder = path.join(root, 'media', 'readme');
// A CommonJS package whose types say that its exports are the functions; they are one level down, twice.
const UPNG = (upng as unknown as { readonly default: { readonly default: typeof upng } }).default.default;
/** As many as a dark theme with a flame graph needs: with more, letters look no better. */
const colours = 96;

/** @param clip what of the window is in it, pixels; none: all */
async function take(workbench: Workbench, name: string, clip?: { x: number; y: number; width: number; height: number }): Promise<void> {
  const shot = await workbench.page.screenshot({ animations: 'disabled', ...(clip === undefined ? {} : { clip }) });
  const picture = UPNG.decode(new Uint8Array(shot).buffer);
  const packed = UPNG.encode(UPNG.toRGBA8(picture), picture.width, picture.height, colours);
  fs.writeFileSync(path.join(folder, `${name}.png`), Buffer.from(packed));
}

/** Heat on the lines, the flame graph and the timeline of a program that runs; then callers and callees of one function. */
async function profiling(): Promise<void> {
  const sandbox = makeSandbox({ 'workbench.colorTheme': 'Dark Modern', 'editor.minimap.enabled': false });
  await installVsix(sandbox, packedExtension);
  const target = await startDemo(demoFolder);
  const workbench = await Workbench.open(sandbox, demoFolder);
  try {
    await workbench.openFile('index.py');
    await workbench.command('Heatline: Profile Running Python Process');
    await workbench.quickInput.fill(String(target.pid));
    await workbench.quickPickRow(`${target.pid} ·`).waitFor();
    await workbench.acceptQuickPick(`${target.pid} ·`);
    const frame = await workbench.webview('.flame-canvas');
    await frame.locator('.status-bar', { hasText: /[2-9],\d{3} samples/ }).waitFor();
    await workbench.command('Heatline: Pause Profiling');
    await workbench.statusBarItem(/paused/).waitFor();
    await frame.locator('.search-input').fill('tokenize');
    await frame.locator('.search-input').press('Enter');
    await frame.locator('.details-name', { hasText: /^tokenize$/ }).waitFor();
    await frame.locator('.search-input').press('Escape');
    await frame.locator('.flame-scroller').focus();
    await workbench.page.mouse.move(1000, 985);
    await take(workbench, 'profiling');
    await frame.locator('.search-input').fill('search');
    await frame.locator('.search-input').press('Enter');
    await frame.locator('.details-name', { hasText: /^search$/ }).waitFor();
    await frame.locator('.search-input').press('Escape');
    await frame.locator('.flame-scroller').press('w');
    await frame.locator('.sandwich-title').waitFor();
    await take(workbench, 'callers', { x: 974, y: 34, width: 626, height: 934 });
  } finally {
    await workbench.close();
    await target.kill();
  }
}

/** A program that hangs: who waits for whom. */
async function stacks(): Promise<void> {
  const programs = path.join(root, 'test/editor/programs');
  const sandbox = makeSandbox({ 'workbench.colorTheme': 'Dark Modern', 'editor.minimap.enabled': false });
  await installVsix(sandbox, packedExtension);
  const target = await startTarget(newestPython(), path.join(programs, 'hanging.py'));
  const workbench = await Workbench.open(sandbox, programs);
  try {
    await workbench.openFile('hanging.py');
    await workbench.command('Heatline: Show Live Stacks');
    await workbench.quickInput.fill(String(target.pid));
    await workbench.acceptQuickPick(`${target.pid} ·`);
    await workbench.page.locator('.pane-header', { hasText: 'Live Stacks' }).waitFor();
    await workbench.page.locator('.monaco-list-row', { hasText: /^ann/ }).first().waitFor();
    await workbench.page.locator('.pane-header', { hasText: 'Profiles' }).click();
    await workbench.page.mouse.move(1000, 985);
    await take(workbench, 'stacks', { x: 0, y: 34, width: 950, height: 680 });
  } finally {
    await workbench.close();
    await target.kill();
  }
}

await profiling();
await stacks();
