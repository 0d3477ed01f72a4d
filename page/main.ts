import '../webview/styles/page.css';
import { FirefoxReader } from '../profile/formats/firefox.ts';
import { profileId, setupId } from '../profile/formats/html/page.ts';
import type { PageSetup } from '../profile/formats/html/pageParts.ts';
import { processName } from '../profile/formats/names.ts';
import { profileOf } from '../profile/formats/savedProfile.ts';
import type { Profile } from '../profile/profile.ts';
import { ProfileFormatError } from '../profile/profileFormatError.ts';
import { PageSession } from '../src/flameGraph/pageSession.ts';
import { configure, t } from '../webview/l10n.ts';
import type { HostMessage, SetupMessage } from '../webview/messages.ts';
import { parseStoredView } from '../webview/model/storedView.ts';
import { record } from '../webview/parse.ts';
import { DEFAULT_QUERY } from '../webview/query.ts';
import { applyTheme, type ThemeName } from '../webview/themes.ts';
import { App } from '../webview/ui/app.ts';

/**
 * A profile in a file by itself (profile/formats/html): the flame graph page and what answers it in the editor, in one. Both talk as
 * they do there, but for the border between them.
 */
function show(root: HTMLElement, profile: Profile, { language, translations, idle }: PageSetup): void {
  const title = titleOf(profile);
  document.title = title;
  const setup: SetupMessage = {
    type: 'setup',
    title,
    language,
    translations,
    query: { ...DEFAULT_QUERY, onCpuOnly: !idle, readyOnly: !idle },
    samplesKnown: true,
  };
  const waiting: HostMessage[] = [];
  let receive = (message: HostMessage): void => void waiting.push(message); // until the page is made, which asks meanwhile
  const session = new PageSession(() => ({ profile, state: 'ended', endMessage: `${title}, ${when(profile, language)}` }), {
    post: (message) => {
      receive(message);
      return Promise.resolve();
    },
    open: () => undefined,
    setup: () => setup,
    now: () => performance.now(),
    later: (ms, action) => {
      const timer = setTimeout(action, ms);
      return () => clearTimeout(timer);
    },
  });
  session.receive({ type: 'ready' });
  waiting.length = 0; // the setup, which it gets by itself
  const app = new App(
    root,
    { isEditor: false, post: (message) => session.receive(message), store: () => undefined },
    setup,
    parseStoredView(null, setup.query),
  );
  receive = (message) => app.receive(message);
  waiting.forEach(receive);
}

/** Files of other tools may say nothing of processes. */
function titleOf(profile: Profile): string {
  const known = profile.processes.flatMap(({ name, pid }, id) => (pid > 0 ? processName(profile, id) : name === '' ? [] : name));
  return known.length === 0 ? t('Profile') : known.slice(0, 3).join(', ') + (known.length > 3 ? ', …' : '');
}

function when({ startedAtEpoch }: Profile, language: string): string {
  return new Date(startedAtEpoch).toLocaleString(language, { dateStyle: 'medium', timeStyle: 'short' });
}

/** The reader's colours: light or dark, and strong contrasts where they are asked for. */
function followTheme(): void {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const contrast = matchMedia('(prefers-contrast: more), (forced-colors: active)');
  const apply = (): void => {
    const name: ThemeName = contrast.matches ? (dark.matches ? 'highContrast' : 'highContrastLight') : dark.matches ? 'dark' : 'light';
    applyTheme(name);
  };
  for (const query of [dark, contrast]) query.addEventListener('change', apply);
  apply();
}

function textOf(id: string): string {
  return document.getElementById(id)?.textContent ?? '';
}

function parseSetup(text: string): PageSetup {
  const { language, translations, idle } = record(JSON.parse(text)) ?? {};
  const entries = Object.entries(record(translations) ?? {}).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  return {
    language: typeof language === 'string' ? language : 'en',
    translations: Object.fromEntries(entries),
    idle: idle !== false,
  };
}

function main(): void {
  followTheme();
  const root = document.getElementById('app')!;
  const setup = parseSetup(textOf(setupId));
  configure(setup.translations);
  document.documentElement.lang = setup.language;
  try {
    const reader = new FirefoxReader();
    reader.push(new TextEncoder().encode(textOf(profileId)));
    document.getElementById(profileId)!.remove(); // its text is some 20 MB
    show(root, profileOf(reader.end()), setup);
  } catch (error) {
    root.textContent = t(
      'This page can’t be shown, as its profile is damaged: {0}',
      error instanceof ProfileFormatError ? error.message : String(error),
    );
  }
}

main();
