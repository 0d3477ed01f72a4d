import fs from 'node:fs';
import path from 'node:path';
import { run } from '../command.ts';

/** What Debian's own sources are signed with; every Debian has it. */
const keyRing = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** An apt that can't touch the system. */
export interface Apt {
  /** apt-get, whose `source --download-only` writes to `workingDirectory`. @returns its output */
  get(args: readonly string[], workingDirectory?: string): Promise<string>;
  /** apt-cache */
  cache(args: readonly string[]): Promise<string>;
}

/**
 * An apt of our own: its state is in `folder`, it knows only Debian's development branch, on the mirror
 * this machine uses for its own packages, and it believes nothing to be installed. So it fetches
 * whole dependency trees, verified as ever, and can't touch the system.
 * @param kind of packages it knows: built ones, or their sources
 */
export async function sidApt(folder: string, kind: 'deb' | 'deb-src'): Promise<Apt> {
  const mirror = await debianMirror();
  if (mirror === null) throw new Error('apt knows no Debian mirror here');
  const file = path.join(folder, 'apt.conf');
  for (const name of ['lists/partial', 'archives/partial']) fs.mkdirSync(path.join(folder, name), { recursive: true });
  fs.writeFileSync(path.join(folder, 'status'), '');
  fs.writeFileSync(path.join(folder, 'sources.list'), `${kind} [signed-by=${keyRing}] ${mirror} sid main\n`);
  fs.writeFileSync(
    file,
    [
      `Dir::State "${folder}";`,
      `Dir::State::status "${folder}/status";`,
      `Dir::State::lists "${folder}/lists";`,
      `Dir::Cache "${folder}";`,
      `Dir::Cache::archives "${folder}/archives";`,
      `Dir::Etc::sourcelist "${folder}/sources.list";`,
      'Dir::Etc::sourceparts "/dev/null";',
      'Dir::Etc::preferences "/dev/null";',
      'Dir::Etc::preferencesparts "/dev/null";',
      // As root, apt downloads as the user _apt, who can't write here.
      'APT::Sandbox::User "";',
      'APT::Install-Recommends "false";',
      'Acquire::Languages "none";',
      '#clear APT::Update::Post-Invoke;',
      '#clear DPkg::Post-Invoke;',
      '',
    ].join('\n'),
  );
  const environment = { APT_CONFIG: file };
  const apt: Apt = {
    get: (args, workingDirectory = folder) => run('apt-get', ['-qq', '--yes', ...args], { environment, workingDirectory }),
    cache: (args) => run('apt-cache', args, { environment }),
  };
  await apt.get(['update']);
  return apt;
}

/** The mirror that apt is set up with here for Debian's own packages, or null. */
async function debianMirror(): Promise<string | null> {
  const uris = await run('apt-get', ['indextargets', '--format', '$(REPO_URI)', 'Identifier: Packages']);
  return uris.split('\n').find((uri) => /\/debian\/?$/.test(uri)) ?? null;
}
