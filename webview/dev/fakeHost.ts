import type { HostMessage, LeftMessage, PageMessage, QualityFigures, RecordingState, TreeMessage } from '../messages.ts';
import { Feed } from '../../src/flameGraph/feed.ts';
import { sampleTimeline } from './sampleTimeline.ts';
import { largeSample, realisticSample, recordedProfile, type SampleProfile } from './sampleTrees.ts';
import { DEFAULT_QUERY } from '../query.ts';
import { applyTheme, type ThemeName } from '../themes.ts';

/**
 * Stands for VS Code and the extension in the page: answers with made-up profiles, to questions about steps and callers as the extension would, and is driven by
 * tests and by drive.ts through `window.fakeHost`.
 */
export class FakeHost {
  /** Everything the page said. */
  readonly received: PageMessage[] = [];
  /** What the page asked to be kept. */
  stored: unknown;
  /** What tests catch of what the page copies. */
  copied = '';
  /** Of threads. */
  threads: readonly string[] = ['MainThread', 'rates', 'indexer'];
  /** µs: how far time is covered. */
  until = 12_432_000;
  #profile: SampleProfile | undefined;
  #query = 0;
  #timelineAt = 0;
  #asked = DEFAULT_QUERY;
  #kind: 'small' | number | undefined;

  readonly api = {
    postMessage: (message: unknown): void => this.#receive(message as PageMessage),
    getState: (): unknown => this.stored,
    setState: (state: unknown): unknown => (this.stored = state),
  };

  theme(name: ThemeName): void {
    applyTheme(name);
  }

  /** `small` is a web service; a number is that many random nodes. */
  show(kind: 'small' | number, scale = 1): void {
    this.#profile = kind === 'small' ? realisticSample(scale) : largeSample(kind);
    if (kind === this.#kind) this.#post(this.#tree(this.#profile));
    else this.#setUp();
    this.#kind = kind;
  }

  /** What the last query was, or will be, answered with. */
  get currentTree(): TreeMessage {
    return this.#tree(this.#profile!);
  }

  /** Whether the time line was answered all that it asked, and asked nothing for a while. */
  timelineQuiet(): boolean {
    return this.#timelineAt > 0 && performance.now() - this.#timelineAt > 150;
  }

  /** Any message, of any form. */
  say(message: unknown): void {
    window.postMessage(message, '*');
  }

  status(state: RecordingState, endMessage = '', quality: Partial<QualityFigures> = {}): void {
    this.#post({
      type: 'status',
      state,
      endMessage,
      quality: {
        ticks: 12_400,
        samples: 48_212,
        partial: 12,
        lost: 3,
        missed: 41,
        elapsed: 12_432_000,
        samplesPerSecond: 3994,
        requestedRate: 1000,
        stops: 1240,
        stoppedTime: 49_600,
        shareError: 0.012,
        noStops: null,
        coarseUntil: 0,
        shortestStep: 0,
        longestStep: 0,
        ...quality,
      },
    });
  }

  #tree(profile: SampleProfile): TreeMessage {
    if (this.#asked.transforms.length > 0 || this.#asked.sandwich !== null) {
      const feed = new Feed(recordedProfile(profile));
      feed.query = this.#asked;
      return feed.tree(this.#query, 100_000);
    }
    return {
      type: 'tree',
      query: this.#query,
      nodes: profile.nodes,
      functions: profile.times,
      modules: profile.modules,
      hiddenNodes: 0,
      totalSamples: profile.totalSamples,
      samplesBeforeSteps: profile.totalSamples,
      totalTime: profile.nodes.total[0]!,
      callers: null,
    };
  }

  #left(): LeftMessage {
    const whole = this.until;
    return {
      type: 'left',
      threads: Float64Array.from(this.threads, (_, thread) => whole / (thread + 1)),
      states: { onCpuOnly: whole / 2, readyOnly: whole / 20, waitingOnly: whole, gilOnly: whole / 3, gcOnly: 0, all: whole * 1.8 },
    };
  }

  #receive(message: PageMessage): void {
    this.received.push(message);
    if (message.type === 'ready') this.#setUp();
    else if (message.type === 'query') {
      this.#query = message.number;
      this.#asked = message.query;
      if (this.#profile !== undefined) {
        this.#post(this.#left());
        this.#post(this.#tree(this.#profile));
      }
    } else if (message.type === 'timeline' && this.#profile !== undefined) {
      this.#timelineAt = performance.now();
      this.#post(sampleTimeline(message, this.until, this.#profile.functions.names.length));
    }
  }

  #setUp(): void {
    this.#post({ type: 'setup', title: 'serve.py', language: 'en', translations: {}, query: DEFAULT_QUERY, samplesKnown: false });
    this.#post({
      type: 'participants',
      processes: [{ pid: 4154, name: 'serve.py', pythonVersion: '3.13.1', startedAt: 0 }],
      threads: this.threads.map((name, at) => ({
        process: 0,
        name,
        osThreadId: 4154 + at,
        startedAt: at * 1e6,
        endedAt: at === 2 ? 9e6 : null,
      })),
    });
    if (this.#profile !== undefined) this.#post(this.#profile.functions);
  }

  /** As VS Code does it: later, and a copy. */
  #post(message: HostMessage): void {
    setTimeout(() => window.postMessage(message, '*'));
  }
}

const fakeHost = new FakeHost();
Object.assign(window, { fakeHost, acquireVsCodeApi: () => fakeHost.api });
