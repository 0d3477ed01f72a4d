import assert from 'node:assert/strict';
import { chooseFramework, type FrameworkHints, isPytestConfigured } from './framework.ts';

const choose = (given: Partial<Record<keyof FrameworkHints, unknown>>): Promise<string> => {
  const { isConfigured = false, hasPytest = false, ...rest } = given;
  const hints = { own: undefined, pytestEnabled: false, unittestEnabled: false, importsPytest: false, importsUnittest: false, ...rest };
  return chooseFramework({
    ...hints,
    isConfigured: () => Promise.resolve(isConfigured),
    hasPytest: () => Promise.resolve(hasPytest),
  } as FrameworkHints);
};

describe('the framework of a test', () => {
  it('is the one that found it, whatever else is said', async () => {
    assert.equal(await choose({ own: 'unittest', pytestEnabled: true, hasPytest: true }), 'unittest');
    assert.equal(await choose({ own: 'pytest', unittestEnabled: true }), 'pytest');
  });

  it('else is what the Python extension is set to, then what the project uses, then what is there', async () => {
    const all = {
      pytestEnabled: true,
      unittestEnabled: true,
      importsPytest: true,
      importsUnittest: true,
      isConfigured: true,
      hasPytest: true,
    };
    assert.equal(await choose(all), 'pytest');
    assert.equal(await choose({ ...all, pytestEnabled: false }), 'unittest');
    assert.equal(await choose({ ...all, pytestEnabled: false, unittestEnabled: false }), 'pytest');
    assert.equal(await choose({ isConfigured: true, importsUnittest: true }), 'pytest');
    assert.equal(await choose({ importsUnittest: true, hasPytest: true }), 'unittest');
    assert.equal(await choose({ hasPytest: true }), 'pytest');
    assert.equal(await choose({}), 'unittest');
  });
});

describe('pytest', () => {
  const isConfigured = (files: Readonly<Record<string, string>>, folder: string, root: string | undefined): Promise<boolean> =>
    isPytestConfigured(folder, root, (path) => Promise.resolve(files[path.replaceAll('\\', '/')]));

  it('is set up by files of its own, here or further up in the workspace', async () => {
    assert.equal(await isConfigured({ '/w/pytest.ini': '' }, '/w/a/b', '/w'), true);
    assert.equal(await isConfigured({ '/w/a/conftest.py': '' }, '/w/a/b', '/w'), true);
    assert.equal(await isConfigured({ '/pytest.ini': '' }, '/w/a/b', '/w'), false);
    assert.equal(await isConfigured({ '/pytest.ini': '' }, '/w/a/b', undefined), true);
  });

  it('is set up by a section in files of others', async () => {
    assert.equal(await isConfigured({ '/w/pyproject.toml': '[project]\nname = "x"\n[tool.pytest.ini_options]\n' }, '/w', '/w'), true);
    assert.equal(await isConfigured({ '/w/pyproject.toml': '[tool.pytester]\n# [tool.pytest]\n' }, '/w', '/w'), false);
    assert.equal(await isConfigured({ '/w/setup.cfg': '[tool:pytest]\n' }, '/w', '/w'), true);
    assert.equal(await isConfigured({ '/w/tox.ini': '[tox]\n' }, '/w', '/w'), false);
  });
});
