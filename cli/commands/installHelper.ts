import fs from 'node:fs';
import { InstallError, installedHelper, installHelper, removeHelper } from '../../native/index.ts';
import { type AnyCommand, commandOf } from '../command.ts';
import { print, say } from '../say.ts';

/** Installs the helper for root alone to change, or takes it away. */
interface InstallCommand {
  readonly name: 'install-helper' | 'remove-helper';
}

export const installHelperCommand = installCommand(
  'install-helper',
  'as root: let the editor read other users’ processes',
  'Installs what reads other users’ processes for the editor where only root can change it.',
);

export const removeHelperCommand = installCommand(
  'remove-helper',
  'as root: undo install-helper',
  'Removes what install-helper installed.',
);

function installCommand(name: InstallCommand['name'], summary: string, description: string): AnyCommand {
  return commandOf<InstallCommand>({
    name,
    summary,
    description,
    usage: [''],
    examples: [[`sudo heatline ${name}`, summary.replace(/^as root: /, '')]],
    configure: () => undefined,
    parse: (given) => {
      given.refuseOperands();
      return { name };
    },
    execute: install,
  });
}

/** Installs the helper, or takes it away, and says what there is now. */
async function install({ name }: InstallCommand): Promise<number> {
  try {
    if (name === 'remove-helper') {
      const gone = removeHelper();
      return await print(gone.length === 0 ? 'There was no installed helper.\n' : `Removed ${gone.join(' and ')}.\n`);
    }
    const made = installHelper(fs.realpathSync(process.argv[1]!)).join(' and ');
    const program = installedHelper();
    if (program === null)
      return say(
        `heatline: ${made} can be changed by others than root, as a folder above is theirs to write, so Heatline does not use it. sudo heatline remove-helper takes it away.`,
        1,
      );
    return await print(
      `Installed ${made}: only root can change them, and Heatline's editor uses them from now on.\n` +
        `sudo heatline remove-helper takes them away. After an update of Heatline that changes how they talk, its own files are used until this is run again.\n\n` +
        `To let the users of a group read all processes without a password, add this with visudo (they can read every program's memory then):\n` +
        `  %GROUP ALL=(root) NOPASSWD: ${program}\n`,
    );
  } catch (error) {
    if (!(error instanceof InstallError)) throw error;
    return say(`heatline: ${error.message}`, 1);
  }
}
