import assert from 'node:assert/strict';
import { installVsix, makeSandbox } from '../../support/vscodeServer.ts';
import { Workbench } from '../../support/workbench.ts';
import { demoFolder, packedExtension } from '../packedExtension.ts';

describe('Heatline in the workbench', () => {
  let workbench: Workbench;

  before(async () => {
    const sandbox = makeSandbox();
    await installVsix(sandbox, packedExtension);
    workbench = await Workbench.open(sandbox, demoFolder);
  });
  after(async () => {
    await workbench.close();
  });

  it('offers its commands in the palette', async () => {
    const titles = await workbench.commandsFor('Heatline: Profile Running Python Process');
    assert.ok(titles.some((title) => title.startsWith('Heatline: Profile Running Python Process')), titles.join(', '));
  });

  it('leaves a workbench alone that profiles nothing', async () => {
    await workbench.openFile('main.py');
    assert.equal(await workbench.statusBarItem(/heatline/i).count(), 0);
    assert.equal(await workbench.notification(/./).count(), 0);
    await workbench.screenshot('idle');
  });
});
