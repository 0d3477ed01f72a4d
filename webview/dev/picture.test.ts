import assert from 'node:assert/strict';
import { DrivenPage } from './drivenPage.ts';

describe('The picture that the page gives of itself', function () {
  this.timeout(60_000);
  const page = new DrivenPage();

  it('is the flame graph as it is seen, below what it is of, as PNG', async () => {
    await page.open();
    const frame = (await page.graph.boundingBox())!;
    await page.tab.evaluate(() => fakeHost.say({ type: 'picture', caption: 'serve.py · On CPU' }));
    const answer = await page.tab.waitForFunction(() =>
      (fakeHost.received as readonly { type: string; data?: string }[]).find(({ type }) => type === 'picture'),
    );
    const { data = '' } = (await answer.jsonValue()) ?? {};
    const [head, base64 = ''] = data.split(',');
    assert.equal(head, 'data:image/png;base64');
    const png = Buffer.from(base64, 'base64');
    assert.equal(png.subarray(1, 4).toString(), 'PNG');
    const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)];
    assert.ok(Math.abs(width - frame.width) < 20 && Math.abs(height - frame.height - 28) < 20, `${width}×${height}`);
    // There is something in it: one colour packs to next to nothing.
    assert.ok(png.length > 5000, String(png.length));
  });
});
