import assert from 'node:assert/strict';
import { moduleName } from './moduleName.ts';

describe('moduleName', () => {
  const files = new Set(['/w/src/shop/__init__.py', '/w/src/shop/tools/__init__.py', '/w/my-app/__init__.py']);
  const of = (file: string) => moduleName(file, (path) => Promise.resolve(files.has(path)));

  it('goes up to the outermost package', async () => {
    assert.deepEqual(await of('/w/src/shop/tools/report.py'), { name: 'shop.tools.report', root: '/w/src' });
    assert.deepEqual(await of('/w/src/shop/__main__.py'), { name: 'shop', root: '/w/src' });
  });
  it('is not there for plain scripts and for names that are no module’s', async () => {
    assert.equal(await of('/w/src/run.py'), undefined);
    assert.equal(await of('/w/src/shop/run-all.py'), undefined);
    assert.equal(await of('/w/my-app/run.py'), undefined);
  });
  it('ends at the root of the file system', async () => {
    assert.equal(await moduleName('/run.py', () => Promise.resolve(true)), undefined);
  });
});
