import type { SampleFilter } from '../../profile/filter.ts';
import type { Profile } from '../../profile/profile.ts';
import type { HostMessage, PageCommand, PageMessage, RecordingState, SetupMessage, TimelineQueryMessage } from '../../webview/messages.ts';
import { type SampleChoice, sameSamples, samplesOf } from '../../webview/query.ts';
import { type DisplayFunction, Feed, type SourcePlace } from './feed.ts';

/** What a page shows, as it is now. */
export interface PageSource {
  readonly profile: Profile;
  readonly state: RecordingState;
  readonly endMessage: string | undefined;
}

/** The page's and the editor's side of a session. */
export interface PagePort {
  /** Resolves when the message is on its way to the page. */
  readonly post: (message: HostMessage) => PromiseLike<unknown>;
  /** Does something with the profile, as its buttons say. */
  readonly command?: (command: PageCommand) => void;
  readonly open: (place: SourcePlace) => void;
  readonly setup: () => SetupMessage;
  /** The page asks for these samples now. */
  readonly asked?: (samples: SampleChoice) => void;
  /** Which functions are hidden; all are shown unless told. */
  readonly treatment?: () => SampleFilter['treatment'];
  /** What to call functions; as they are called in the profile unless told. */
  readonly display?: DisplayFunction;
  /** ms, from a clock that runs evenly. */
  readonly now: () => number;
  /** Calls back after some ms, once; returns what cancels that. */
  readonly later: (ms: number, action: () => void) => () => void;
}

/** Nodes sent at most: while samples come in, a tree a second; once at rest, one in full. */
const LIVE_BUDGET = 20_000;
const RESTING_BUDGET = 100_000;
/** ms between trees, at least; and how many times longer than making one takes. */
const INTERVAL = 950;
const INTERVAL_PER_COST = 8;

/**
 * Keeps a page up to date with its source: everything when it says `ready`, then a tree about once
 * a second while samples come in. Nothing is sent to a page that is hidden or has messages waiting.
 */
export class PageSession {
  readonly #source: () => PageSource;
  readonly #port: PagePort;
  #feed: Feed | undefined;
  /** The page's number of its query; undefined until it has asked. */
  #number: number | undefined;
  /** What the page asked of the time line last, until it is answered. */
  #timeline: TimelineQueryMessage | undefined;
  #visible = true;
  #sending = false;
  #stale = false;
  #sentAt = -Infinity;
  #cost = 0;
  #sentVersion = -1;
  #sentState: RecordingState | undefined;
  #cancelLater: (() => void) | undefined;

  constructor(source: () => PageSource, port: PagePort) {
    this.#source = source;
    this.#port = port;
  }

  /** Hidden pages are thrown away by VS Code; shown again they say `ready` anew. */
  set visible(visible: boolean) {
    this.#visible = visible;
    if (visible) this.#refresh();
  }

  receive(message: PageMessage): void {
    switch (message.type) {
      case 'ready':
        this.#start();
        break;
      case 'query':
        if (this.#feed === undefined) return;
        this.#number = message.number;
        this.#port.asked?.(samplesOf(message.query));
        this.#feed.query = message.query;
        this.#feed.focus = undefined;
        this.#send();
        break;
      case 'detail':
        if (this.#feed === undefined) return;
        this.#feed.focus = { path: message.path, span: message.span };
        this.#send();
        break;
      case 'timeline':
        this.#timeline = message;
        this.#sendTimeline();
        break;
      case 'command':
        this.#port.command?.(message.command);
        break;
      case 'open': {
        const place = this.#feed?.place(message);
        if (place !== undefined) this.#port.open(place);
        break;
      }
    }
  }

  /** The source has changed: samples came, or its state is another. */
  changed(): void {
    this.#refresh();
  }

  /** Other samples count now; a page that does not show yet hears of it when it is set up. */
  samplesChanged(samples: SampleChoice): void {
    if (this.#feed === undefined || this.#number === undefined || sameSamples(samples, this.#feed.query)) return;
    void this.#port.post({ type: 'samples', samples });
  }

  /** Other functions are hidden now. */
  treatmentChanged(): void {
    this.#sentVersion = -1;
    this.#refresh();
  }

  dispose(): void {
    this.#cancelLater?.();
    this.#feed = undefined;
  }

  #start(): void {
    this.#feed = new Feed(this.#source().profile, this.#port.treatment, this.#port.display);
    this.#number = undefined;
    this.#timeline = undefined;
    this.#sentVersion = -1;
    void this.#deliver([this.#port.setup(), this.#status()]);
  }

  #refresh(): void {
    const { profile, state } = this.#source();
    if (this.#feed === undefined || !this.#visible) return;
    if (this.#feed.profile !== profile) {
      this.#start(); // sampling began with a profile of its own: the page asks again
      return;
    }
    if (this.#number === undefined || (profile.version === this.#sentVersion && state === this.#sentState)) return;
    const wait = this.#sentAt + Math.max(INTERVAL, this.#cost * INTERVAL_PER_COST) - this.#port.now();
    // A change of state is shown at once.
    if (wait <= 0 || state !== this.#sentState) this.#send();
    else
      this.#cancelLater ??= this.#port.later(wait, () => {
        this.#cancelLater = undefined;
        this.#refresh();
      });
  }

  #send(): void {
    const feed = this.#feed;
    if (feed === undefined || this.#number === undefined) return;
    if (!this.#visible) {
      this.#sentVersion = -1; // a question that came before the news that the page shows is answered with them
      return;
    }
    if (this.#sending) {
      this.#stale = true;
      return;
    }
    const { profile, state } = this.#source();
    const began = this.#port.now();
    const tree = feed.tree(this.#number, state === 'running' ? LIVE_BUDGET : RESTING_BUDGET);
    const participants = feed.participants();
    const messages: HostMessage[] = [...(participants === undefined ? [] : [participants]), ...feed.functions(), this.#status(), tree];
    this.#sentAt = this.#port.now();
    this.#cost = this.#sentAt - began;
    this.#sentVersion = profile.version;
    this.#sentState = state;
    void this.#deliver(messages);
  }

  async #deliver(messages: readonly HostMessage[]): Promise<void> {
    const feed = this.#feed;
    this.#sending = true;
    try {
      await Promise.all(messages.map((message) => this.#port.post(message)));
    } catch {
      // The page was closed meanwhile; if it comes back, it says `ready`.
    }
    if (feed !== this.#feed) return; // that page is gone
    this.#sending = false;
    if (this.#stale) {
      this.#stale = false;
      this.#send();
    }
    this.#sendTimeline();
  }

  /** Only the last question counts: while messages are on their way, others may follow. */
  #sendTimeline(): void {
    const feed = this.#feed;
    const asked = this.#timeline;
    if (feed === undefined || asked === undefined || this.#sending) return;
    this.#timeline = undefined;
    const timeline = feed.timeline(asked);
    void this.#deliver([...feed.functions(), timeline]);
  }

  #status(): HostMessage {
    const { state, endMessage } = this.#source();
    return { type: 'status', state, endMessage: endMessage ?? '', quality: this.#feed!.quality(this.#port.now(), state === 'running') };
  }
}
