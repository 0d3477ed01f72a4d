import assert from 'node:assert/strict';
import { Profile } from '../../profile/profile.ts';
import { deltaOf, pieces, profileOf } from '../../profile/testing/build.ts';
import type { HostMessage, RecordingState } from '../../webview/messages.ts';
import { DEFAULT_QUERY, type SampleChoice, samplesOf } from '../../webview/query.ts';
import type { SourcePlace } from './feed.ts';
import { PageSession } from './pageSession.ts';

const parts = pieces(deltaOf({ runs: Array.from({ length: 6 }, () => ({ stack: 'main:1 f:2' })) }), [1, 2, 3, 4, 5]);

/** A page and an editor that only note what reaches them, and a clock that stands still unless told. */
class Stage {
  source: { profile: Profile; state: RecordingState; endMessage: string | undefined } = {
    profile: new Profile(),
    state: 'running',
    endMessage: undefined,
  };
  posted: HostMessage[] = [];
  opened: SourcePlace[] = [];
  asked: SampleChoice[] = [];
  commands: string[] = [];
  now = 0;
  /** The page takes messages at once, unless it is busy. */
  busy: (() => void)[] | undefined;
  hidden: string | undefined;
  timers: { at: number; action: () => void }[] = [];
  readonly session = new PageSession(() => this.source, {
    post: (message) => {
      this.posted.push(message);
      const waiting = this.busy;
      return waiting === undefined ? Promise.resolve(true) : new Promise<void>((resolve) => waiting.push(resolve));
    },
    open: (place) => this.opened.push(place),
    asked: (samples) => this.asked.push(samples),
    command: (command) => this.commands.push(command),
    setup: () => ({ type: 'setup', title: 'app.py', language: 'en', translations: {}, query: DEFAULT_QUERY, samplesKnown: false }),
    treatment: () => {
      const { hidden } = this;
      return hidden === undefined ? undefined : ({ name }) => (name === hidden ? 'hide' : 'show');
    },
    now: () => this.now,
    later: (ms, action) => {
      const timer = { at: this.now + ms, action };
      this.timers.push(timer);
      return () => (this.timers = this.timers.filter((other) => other !== timer));
    },
  });

  /** The kinds of what was posted since the last look. */
  async taken(): Promise<string> {
    await new Promise(setImmediate);
    const kinds = this.posted.map(({ type }) => type).join(' ');
    this.posted = [];
    return kinds;
  }

  async begin(): Promise<void> {
    this.session.receive({ type: 'ready' });
    this.session.receive({ type: 'query', number: 1, query: DEFAULT_QUERY });
    await this.taken();
  }

  append(part: number): void {
    this.source.profile.append(parts[part]!);
    this.session.changed();
  }

  pass(ms: number): void {
    this.now += ms;
    const due = this.timers.filter(({ at }) => at <= this.now);
    this.timers = this.timers.filter(({ at }) => at > this.now);
    for (const { action } of due) action();
  }
}

describe('PageSession', () => {
  it('tells a page that is ready everything, every time', async () => {
    const stage = new Stage();
    stage.source.profile.append(parts[0]!);
    for (let time = 0; time < 2; time++) {
      stage.session.receive({ type: 'ready' });
      assert.equal(await stage.taken(), 'setup status');
      stage.session.receive({ type: 'query', number: 1, query: DEFAULT_QUERY });
      assert.equal(await stage.taken(), 'participants functions status tree');
    }
  });

  it('sends a tree a second at most, the last one included', async () => {
    const stage = new Stage();
    await stage.begin();
    stage.pass(2000);
    stage.append(0);
    assert.equal(await stage.taken(), 'participants functions status tree');
    stage.append(1);
    stage.append(2);
    assert.equal(await stage.taken(), '');
    stage.pass(1000);
    assert.equal(await stage.taken(), 'status tree');
    stage.pass(5000);
    assert.equal(await stage.taken(), '');
  });

  it('sends nothing while the page is hidden, and the news when it is shown', async () => {
    const stage = new Stage();
    await stage.begin();
    stage.session.visible = false;
    stage.pass(2000);
    stage.append(0);
    stage.pass(2000);
    assert.equal(await stage.taken(), '');
    stage.session.visible = true;
    assert.equal(await stage.taken(), 'participants functions status tree');
  });

  it('answers a question that comes before it is known that the page shows', async () => {
    const stage = new Stage();
    stage.append(0);
    await stage.begin();
    stage.session.visible = false;
    stage.pass(2000);
    stage.session.receive({ type: 'query', number: 2, query: { ...DEFAULT_QUERY, inverted: true } });
    assert.equal(await stage.taken(), '');
    stage.session.visible = true;
    assert.equal(await stage.taken(), 'status tree');
  });

  it('waits for the page before it sends more, and then sends the latest', async () => {
    const stage = new Stage();
    await stage.begin();
    const busy: (() => void)[] = (stage.busy = []);
    stage.pass(2000);
    stage.append(0);
    assert.equal(await stage.taken(), 'participants functions status tree');
    for (let query = 2; query < 5; query++)
      stage.session.receive({ type: 'query', number: query, query: { ...DEFAULT_QUERY, inverted: true } });
    assert.equal(await stage.taken(), '');
    stage.busy = undefined;
    for (const resume of busy) resume();
    await new Promise(setImmediate);
    assert.deepEqual(
      stage.posted.map((message) => (message.type === 'tree' ? message.query : message.type)),
      ['status', 4],
    );
  });

  it('tells of another state at once', async () => {
    const stage = new Stage();
    await stage.begin();
    stage.append(0);
    await stage.taken();
    stage.source = { ...stage.source, state: 'ended', endMessage: 'The process ended.' };
    stage.session.changed();
    await new Promise(setImmediate);
    const status = stage.posted.find((message) => message.type === 'status');
    assert.deepEqual([status?.state, status?.endMessage], ['ended', 'The process ended.']);
  });

  it('begins anew with another profile', async () => {
    const stage = new Stage();
    await stage.begin();
    stage.source = { ...stage.source, profile: profileOf({ runs: [{ stack: 'other:1' }] }) };
    stage.session.changed();
    assert.equal(await stage.taken(), 'setup status');
    stage.session.receive({ type: 'query', number: 2, query: DEFAULT_QUERY });
    assert.equal(await stage.taken(), 'participants functions status tree');
  });

  it('opens sources, of functions that exist', async () => {
    const stage = new Stage();
    await stage.begin();
    stage.append(0);
    stage.session.receive({ type: 'open', func: 1, line: 0, path: [0, 0, 1, 0] });
    stage.session.receive({ type: 'open', func: 9, line: 0, path: null });
    assert.deepEqual(stage.opened, [{ file: '/work/app.py', line: 2, process: 0 }]);
  });

  it('says nothing to a page that has not asked yet, or after its end', async () => {
    const stage = new Stage();
    stage.session.receive({ type: 'query', number: 1, query: DEFAULT_QUERY });
    stage.append(0);
    assert.equal(await stage.taken(), '');
    await stage.begin();
    stage.append(1);
    stage.session.dispose();
    stage.pass(5000);
    stage.append(2);
    assert.equal(await stage.taken(), '');
    assert.deepEqual(stage.timers, []);
  });

  it('sends a tree anew when other functions are to be hidden, also when it is complete', async () => {
    const stage = new Stage();
    stage.source.state = 'ended';
    for (const part of parts) stage.source.profile.append(part);
    await stage.begin();
    const change = async (hidden: string | undefined): Promise<string[]> => {
      stage.hidden = hidden;
      stage.pass(60_000);
      stage.session.treatmentChanged();
      await new Promise(setImmediate);
      const tree = stage.posted.findLast((message) => message.type === 'tree')!;
      return [...tree.functions.func].map((func) => stage.source.profile.functions[func]!.name).sort();
    };
    assert.deepEqual(await change('f'), ['main']);
    assert.deepEqual(await change(undefined), ['f', 'main']);
  });

  it('says which samples the page asks for, so that others show the same', async () => {
    const stage = new Stage();
    await stage.begin();
    const query = { ...DEFAULT_QUERY, gilOnly: true, scope: { kind: 'thread', id: 0 } } as const;
    stage.session.receive({ type: 'query', number: 2, query: { ...query, inverted: true } });
    assert.deepEqual(stage.asked, [samplesOf(DEFAULT_QUERY), samplesOf(query)]);
  });

  it('tells a page of samples that are chosen elsewhere, and only what it does not know', async () => {
    const stage = new Stage();
    const chosen = samplesOf({ ...DEFAULT_QUERY, onCpuOnly: true });
    stage.session.samplesChanged(chosen);
    assert.equal(await stage.taken(), '', 'it has not asked yet');
    await stage.begin();
    stage.session.samplesChanged(samplesOf(DEFAULT_QUERY));
    assert.equal(await stage.taken(), '');
    stage.session.samplesChanged(chosen);
    assert.deepEqual(stage.posted, [{ type: 'samples', samples: chosen }]);
  });

  it('passes on what the buttons of the page ask for', async () => {
    const stage = new Stage();
    await stage.begin();
    stage.session.receive({ type: 'command', command: 'pause' });
    assert.deepEqual(stage.commands, ['pause']);
  });

  it('goes on when the page vanishes in the middle of a message', async () => {
    const stage = new Stage();
    await stage.begin();
    const failing = new PageSession(() => stage.source, {
      post: () => Promise.reject(new Error('Webview is disposed')),
      open: () => undefined,
      setup: () => ({ type: 'setup', title: '', language: 'en', translations: {}, query: DEFAULT_QUERY, samplesKnown: false }),
      now: () => 0,
      later: () => () => undefined,
    });
    failing.receive({ type: 'ready' });
    failing.receive({ type: 'query', number: 1, query: DEFAULT_QUERY });
    await new Promise(setImmediate);
  });

  it('answers only the last of several questions about time that came while it was busy', async () => {
    const stage = new Stage();
    stage.source.profile.append(parts[0]!);
    const asked = { type: 'timeline', range: null, columns: 10, threads: [0], open: [0] } as const;
    stage.session.receive({ ...asked, number: 1 }); // nothing is known of this page yet
    await stage.begin();
    stage.busy = [];
    stage.session.receive({ ...asked, number: 2 });
    stage.session.receive({ ...asked, number: 3 });
    stage.session.receive({ ...asked, number: 4 });
    assert.equal(await stage.taken(), 'timeline');
    const waiting = stage.busy;
    stage.busy = undefined;
    for (const free of waiting) free();
    await new Promise(setImmediate);
    assert.deepEqual(
      stage.posted.map((message) => message.type === 'timeline' && message.number),
      [4],
    );
  });

  it('names functions before the time line shows them', async () => {
    const stage = new Stage();
    stage.session.receive({ type: 'ready' });
    await stage.taken();
    stage.source.profile.append(parts[0]!);
    stage.session.receive({ type: 'timeline', number: 1, range: null, columns: 10, threads: [0], open: [0] });
    assert.equal(await stage.taken(), 'functions timeline');
  });
});
