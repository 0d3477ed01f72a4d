import assert from 'node:assert/strict';
import { withoutKernel } from './kernelFrames.ts';

describe('withoutKernel', () => {
  const hidden = (files: readonly string[]): string[] =>
    files.filter((file) => withoutKernel({ name: 'f', file, firstLine: 1 }) === 'hide');

  it('hides what runs cells', () => {
    const files = [
      '/lib/python3.13/site-packages/ipykernel_launcher.py',
      '/site-packages/ipykernel/kernelbase.py',
      '/site-packages/ipykernel/comm/comm.py',
      '/site-packages/IPython/core/interactiveshell.py',
      'C:\\site-packages\\IPython\\core\\magics\\execution.py',
      '/site-packages/traitlets/config/application.py',
      '/site-packages/tornado/platform/asyncio.py',
    ];
    assert.deepEqual(hidden(files), files);
  });

  it('shows cells, and what they may call themselves', () => {
    assert.deepEqual(
      hidden([
        '/tmp/ipykernel_7/42.py',
        '<timed exec>',
        '/site-packages/IPython/core/completer.py',
        '/site-packages/tornado/web.py',
        '/w/my_ipykernel/app.py',
        '/lib/python3.13/asyncio/base_events.py',
      ]),
      [],
    );
  });
});
