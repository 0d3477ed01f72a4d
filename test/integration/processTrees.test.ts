import assert from 'node:assert/strict';
import path from 'node:path';
import { startEngine } from '../../native/index.ts';
import { Profile } from '../../profile/profile.ts';
import { type Interpreter, interpreters, title } from '../support/interpreters.ts';
import { startTarget, type Target } from '../support/target.ts';

const script = path.join(import.meta.dirname, 'targets', 'trees.py');
const newest = interpreters.at(-1)!;
const thorough = new Set([interpreters[0], interpreters.find(({ major, minor }) => major === 3 && minor === 12), newest]);

describe('Sampling a process with those it starts', () => {
  for (const interpreter of interpreters) {
    // The ways differ by what the system does, and by how multiprocessing does it: not by every version.
    const others = ['grandchildren', 'daemons', 'c fork', 'exec', ...(interpreter.major > 2 ? ['spawn', 'forkserver'] : [])];
    const methods = ['fork', 'subprocess', ...(thorough.has(interpreter) ? others : [])];
    for (const how of methods) {
      it(`${title(interpreter)}: ${how}`, async () => {
        await using tree = await Tree.start(interpreter);
        const children = await tree.make([how, '', how === 'fork' ? 6 : 2]);
        const profile = await tree.end();
        // A forkserver, a resource tracker and an exec that is not there yet may be among the rest.
        // A daemon's parent is whoever takes in what is left.
        checkChildren(profile, how === 'daemons' ? children.map(({ pid }) => ({ pid, parent: null })) : children, versionOf(interpreter));
        if (how === 'grandchildren') assert.equal(children.filter(({ parent }) => parent !== tree.pid).length, 2);
      }).timeout(60_000);
    }
  }

  for (const interpreter of interpreters) {
    for (const method of interpreter.major > 2 ? ['fork', 'spawn', 'forkserver'] : ['fork']) {
      it(`${title(interpreter)}: calls workers of multiprocessing by their names (${method})`, async () => {
        await using tree = await Tree.start(interpreter);
        await tree.make(['named', method, 2]);
        await tree.until(({ processes }) => ['fetcher 0', 'fetcher 1'].every((wanted) => processes.some(({ name }) => name === wanted)));
        const profile = await tree.end();
        assert.equal(profile.processes[0]!.name, 'trees.py');
      }).timeout(60_000);
    }
  }

  it('finds another Python among them', async () => {
    const other = interpreters.find(({ major, minor }) => major === 3 && minor !== newest.minor) ?? newest;
    await using tree = await Tree.start(newest);
    const children = await tree.make(['exec', other.path, 1]);
    checkChildren(await tree.end(), children, versionOf(other));
  }).timeout(60_000);

  it('follows a hundred at once, and takes no process for one that had its number before', async () => {
    await using tree = await Tree.start(newest);
    const children = await tree.make(['short', '', 100]);
    const profile = await tree.end();
    checkChildren(profile, children, versionOf(newest));
    assert.equal(new Set(children.map(({ pid }) => pid)).size, 100);
    assert.equal(profile.processes.length, 101);
  }).timeout(120_000);

  it('leaves them alone unless it is asked to', async () => {
    await using tree = await Tree.start(newest, false);
    const children = await tree.make(['fork', '', 2]);
    const profile = await tree.end();
    assert.equal(children.length, 2);
    assert.deepEqual(
      profile.processes.map(({ pid }) => pid),
      [tree.pid],
    );
  }).timeout(60_000);
});

/** As the engine says it. */
function versionOf({ version, freeThreaded }: Interpreter): string {
  return freeThreaded ? `${version}t` : version;
}

interface Child {
  readonly pid: number;
  readonly parent: number | null;
}

/** Each child is in the profile, below its parent, with what it did. */
function checkChildren(profile: Profile, children: readonly Child[], version: string): void {
  assert(children.length > 0);
  for (const { pid, parent } of children) {
    const ids = profile.processes.flatMap((process, id) => (process.pid === pid ? [id] : []));
    assert(ids.length > 0, `process ${pid} is missing among ${profile.processes.map((process) => process.pid).join()}`);
    const records = ids.map((id) => profile.processes[id]!);
    const worked = ids.filter((id) => functionsOf(profile, id).has('child_work'));
    assert(worked.length > 0, `process ${pid}: ${ids.map((id) => [...functionsOf(profile, id)].join()).join(' | ')}`);
    for (const id of worked) assert.equal(profile.processes[id]!.pythonVersion, version);
    for (const [at, record] of records.entries()) {
      const above = record.parent === null ? undefined : profile.processes[record.parent];
      if (above === undefined || parent === null) continue;
      // Where its parent is no Python, or was none yet, it is below who started that: the root of all.
      const wasThere = profile.processes.slice(0, ids[at]).some((other) => other.pid === parent);
      assert.equal(above.pid, wasThere ? parent : profile.processes[0]!.pid);
    }
  }
}

function functionsOf(profile: Profile, process: number): Set<string> {
  const names = new Set<string>();
  const { runs } = profile;
  for (let run = 0; run < runs.length; run++) {
    if (profile.threads[runs.threads[run]!]!.process !== process) continue;
    for (let at = runs.stacks[run]!; at !== 0; at = profile.stackParent(at))
      names.add(profile.functions[profile.frameFunction(profile.stackFrame(at))]!.name);
  }
  return names;
}

/** A target that starts processes when it is told, and an engine that follows them. */
class Tree implements AsyncDisposable {
  private readonly target: Target;
  private readonly profile = new Profile();
  private readonly ended: Promise<void>;
  private readonly started: Promise<void>;
  private readonly engine: ReturnType<typeof startEngine>;
  private onDelta: () => void = () => undefined;

  private constructor(target: Target, subprocesses: boolean) {
    this.target = target;
    const { profile } = this;
    let tellStarted = (): void => undefined;
    this.started = new Promise((resolve) => (tellStarted = resolve));
    let engine!: ReturnType<typeof startEngine>;
    this.ended = new Promise((resolve, reject) => {
      engine = startEngine({ pid: target.pid, rate: 500, subprocesses }, (event) => {
        if (event.type === 'started') tellStarted();
        else if (event.type === 'delta') {
          profile.append(event.delta);
          this.onDelta();
        } else if (event.type === 'ended') resolve();
        else if (event.type === 'failed') reject(new Error(JSON.stringify(event.failure)));
      });
    });
    this.engine = engine;
  }

  static async start(interpreter: Interpreter, subprocesses = true): Promise<Tree> {
    const tree = new Tree(await startTarget(interpreter, script), subprocesses);
    await Promise.race([tree.started, tree.ended]);
    return tree;
  }

  get pid(): number {
    return this.target.pid;
  }

  /** Lets it start processes and waits until they have ended. @returns those that worked */
  async make(what: readonly [string, string, number]): Promise<Child[]> {
    this.target.tell(what);
    const children = new Map<number, Child>();
    for (;;) {
      const said = await this.target.next();
      if (said === 'done') return [...children.values()];
      const [pid, parent] = said as [number, number];
      children.set(pid, { pid, parent });
    }
  }

  /** Waits until the profile is as it should be. */
  async until(wanted: (profile: Profile) => boolean): Promise<void> {
    if (!wanted(this.profile)) await new Promise<void>((resolve) => (this.onDelta = () => wanted(this.profile) && resolve()));
    this.onDelta = () => undefined;
  }

  async end(): Promise<Profile> {
    this.engine.stop();
    await this.ended;
    return this.profile;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.engine.stop();
    await this.target.kill();
  }
}
