import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { InstallError } from '../elevation.ts';
import { changeableByOthers } from './changeable.ts';

/** Where root may install the helper, so that nothing is run as root that a user can change. */
const installedFolder = '/usr/local/lib/heatline';
/** Where polkit looks up which actions exist, and how to describe them. */
const actionsFolder = '/usr/share/polkit-1/actions';
const programName = 'heatline-helper';
const protocolFile = 'protocol';
/** What the bundled programs have in common (scripts/build.mjs). */
const sharedCode = /^shared-\w+\.js$/;

/** Where an installed helper lives; tests use other places than the usual ones. */
export interface InstallPlaces {
  readonly folder: string;
  readonly actions: string;
}

const usualPlaces: InstallPlaces = { folder: installedFolder, actions: actionsFolder };

/** The installed helper's program, if there is one, nobody but root can change it, and it speaks as we do; else null. */
export function installedHelper(protocol: number, { folder }: InstallPlaces = usualPlaces): string | null {
  try {
    if (fs.readFileSync(path.join(folder, protocolFile), 'utf8') !== String(protocol)) return null;
  } catch {
    return null;
  }
  return changeableByOthers(folder, 0) === null ? path.join(folder, programName) : null;
}

/**
 * Copies what the helper is made of to where only root can change it: the command line, its sampling thread, koffi and Node.js;
 * and tells polkit what to say when a password is asked for. To be called as root.
 * @param cli the bundled command line
 * @param protocol version of what the helper says
 * @returns the files and folders it made
 * @throws InstallError
 */
export function installHelper(cli: string, protocol: number, { folder, actions }: InstallPlaces = usualPlaces): string[] {
  if (process.geteuid?.() !== 0) throw new InstallError('only root can do that: run it by sudo');
  if (process.versions['electron'] !== undefined)
    throw new InstallError(
      'this is an editor’s Node.js, which can’t be copied alone: run it by a Node.js of its own, sudo node …/dist/cli.js install-helper',
    );
  const beside = path.dirname(cli);
  if (path.basename(cli) !== 'cli.js' || !fs.existsSync(path.join(beside, 'worker.js')))
    throw new InstallError(`${cli} is not the packed command line: npm run build makes it`);
  fs.mkdirSync(path.dirname(folder), { recursive: true, mode: 0o755 });
  // Built beside its place, and moved there once it is complete.
  const made = fs.mkdtempSync(`${folder}-`);
  try {
    const libraries = ['koffi', `@koromix/koffi-${process.platform}-${process.arch}`];
    const { resolve } = createRequire(cli);
    for (const name of libraries)
      fs.cpSync(path.dirname(resolve(name)), path.join(made, 'node_modules', name), { recursive: true, dereference: true });
    const shared = fs.readdirSync(beside).filter((name) => sharedCode.test(name));
    for (const name of ['cli.js', 'worker.js', ...shared]) fs.copyFileSync(path.join(beside, name), path.join(made, name));
    fs.copyFileSync(process.execPath, path.join(made, 'node'));
    fs.writeFileSync(path.join(made, 'package.json'), '{ "type": "module" }\n');
    fs.writeFileSync(path.join(made, protocolFile), String(protocol));
    fs.writeFileSync(path.join(made, programName), `#!/bin/sh\nexec /usr/bin/env -i ${folder}/node ${folder}/cli.js helper "$@"\n`);
    makeRoots(made);
    fs.rmSync(folder, { recursive: true, force: true });
    fs.renameSync(made, folder);
  } catch (error) {
    fs.rmSync(made, { recursive: true, force: true });
    throw new InstallError(error instanceof Error ? error.message : String(error));
  }
  if (!fs.existsSync(actions)) return [folder];
  const action = path.join(actions, 'heatline.policy');
  fs.writeFileSync(action, policyOf(path.join(folder, programName)), { mode: 0o644 });
  return [folder, action];
}

/** Takes away what installHelper made. @returns what was there. @throws InstallError */
export function removeHelper({ folder, actions }: InstallPlaces = usualPlaces): string[] {
  if (process.geteuid?.() !== 0) throw new InstallError('only root can do that: run it by sudo');
  const there = [folder, path.join(actions, 'heatline.policy')].filter((file) => fs.existsSync(file));
  for (const file of there) fs.rmSync(file, { recursive: true });
  return there;
}

/** Makes everything root's: readable and executable by all, writable by nobody else. */
function makeRoots(folder: string): void {
  for (const entry of ['', ...fs.readdirSync(folder, { recursive: true, encoding: 'utf8' })]) {
    const file = path.join(folder, entry);
    fs.chownSync(file, 0, 0);
    const runs = fs.statSync(file).isDirectory() || entry === 'node' || entry === programName;
    fs.chmodSync(file, runs ? 0o755 : 0o644);
  }
}

/** polkit(8), "Declaring actions". */
function policyOf(program: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE policyconfig PUBLIC "-//freedesktop//DTD PolicyKit Policy Configuration 1.0//EN" "http://www.freedesktop.org/standards/PolicyKit/1/policyconfig.dtd">
<policyconfig>
  <vendor>Heatline</vendor>
  <action id="heatline.read-process">
    <description>Read the memory of a process, to profile it</description>
    <description xml:lang="de">Den Speicher eines Prozesses lesen, um ihn zu profilieren</description>
    <message>Authentication is needed to let Heatline read a program that the system does not let you read</message>
    <message xml:lang="de">Damit Heatline ein Programm lesen kann, das Sie nicht lesen dürfen, ist eine Anmeldung nötig</message>
    <defaults>
      <allow_any>auth_admin</allow_any>
      <allow_inactive>auth_admin</allow_inactive>
      <allow_active>auth_admin_keep</allow_active>
    </defaults>
    <annotate key="org.freedesktop.policykit.exec.path">${program}</annotate>
  </action>
</policyconfig>
`;
}
