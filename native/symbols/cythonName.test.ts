import assert from 'node:assert/strict';
import { cythonName } from './cythonName.ts';

describe('cythonName', () => {
  it('is module, class and function', () => {
    const names = {
      __pyx_pw_4shop_1run: 'shop.run',
      __pyx_pf_4shop_run: 'shop.run',
      __pyx_pw_4shop_4Cart_3total: 'shop.Cart.total',
      __pyx_pf_4shop_4Cart_2total: 'shop.Cart.total',
      __pyx_f_4shop_4Cart_area: 'shop.Cart.area',
      __pyx_f_4shop_inner: 'shop.inner',
      __pyx_gb_4shop_5outer_2generator: 'shop.outer.generator',
      __pyx_pw_7package_6module_11with_things: 'package.module.with_things',
      __pyx_pw_4shop_11__init__: 'shop.__init__',
      __pyx_fuse_1__pyx_pw_4shop_3half: 'shop.half',
    };
    for (const [name, plain] of Object.entries(names)) assert.equal(cythonName(name), plain, name);
  });

  it('is nothing of other functions, or broken names', () => {
    for (const name of [
      'list_sort',
      '__pyx_pymod_exec_shop',
      '__Pyx_GetItemInt_Fast',
      '__pyx_pw_4shop',
      '__pyx_pw_99shop_1run',
      '__pyx_f_0_x',
      '__pyx_pw_',
      '',
    ])
      assert.equal(cythonName(name), null, name);
  });
});
