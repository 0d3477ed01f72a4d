import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { Following } from './following.ts';

/** Lets what waits for promises go on. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('looking again each second', () => {
  let looks: number;
  let states: boolean[];
  let following: Following;
  beforeEach(() => {
    mock.timers.enable({ apis: ['setTimeout'] });
    looks = 0;
    states = [];
    following = new Following((isOn) => states.push(isOn));
  });
  afterEach(() => {
    following.stop();
    mock.timers.reset();
  });
  const counted =
    (goesOn = true): (() => Promise<boolean>) =>
    () => {
      looks++;
      return Promise.resolve(goesOn);
    };
  const second = async (): Promise<void> => {
    mock.timers.tick(1000);
    await turn();
  };

  it('goes on until it is stopped', async () => {
    following.start({ look: counted(), isVisible: () => true });
    await turn();
    for (let i = 0; i < 3; i++) await second();
    assert.equal(looks, 4);
    following.stop();
    await second();
    assert.deepEqual([looks, states], [4, [true, false]]);
  });

  it('ends where there is no more to see', async () => {
    following.start({ look: counted(false), isVisible: () => true });
    await turn();
    await second();
    assert.deepEqual([looks, states, following.isOn], [1, [true, false], false]);
  });

  it('rests while nobody sees it, and begins at once when somebody does', async () => {
    let isVisible = true;
    following.start({ look: counted(), isVisible: () => isVisible });
    await turn();
    isVisible = false;
    for (let i = 0; i < 3; i++) await second();
    assert.equal(looks, 1);
    isVisible = true;
    following.wake();
    await turn();
    await second();
    assert.equal(looks, 3);
  });

  it('never has two looks at a time', async () => {
    let finish: (() => void) | undefined;
    following.start({
      look: () => {
        looks++;
        return new Promise((resolve) => (finish = () => resolve(true)));
      },
      isVisible: () => true,
    });
    following.wake();
    await second();
    assert.equal(looks, 1);
    finish!();
    await turn();
    await second();
    assert.equal(looks, 2);
  });
});
