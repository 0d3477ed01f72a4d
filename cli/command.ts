import type { Command } from 'commander';
import { tellLeft } from './kept/tellLeft.ts';
import { UsageError } from './values.ts';

/**
 * A command of ours: its options, what it makes of them, and what it does. One file each in commands/, and a line in
 * commands/index.ts.
 * @typeParam Parsed what it was asked for, in types
 */
export interface CommandSpec<Parsed> {
  readonly name: string;
  readonly aliases?: readonly string[];
  /** One line, for the list of commands. */
  readonly summary: string;
  /** Sentences for its help: what it does to the process, what the user gets. */
  readonly description: string;
  /** What follows `heatline NAME`, a line for each way to call it. */
  readonly usage: readonly string[];
  /** Command lines and what each is for. */
  readonly examples: readonly (readonly [line: string, purpose: string])[];
  /** It is for programs of ours and not shown. */
  readonly hidden?: boolean;
  /** Adds arguments and options. What a placeholder is called says how shells complete it: `<file>`, `<pid>`. */
  readonly configure: (command: Command) => void;
  /**
   * When it says which recordings were left without their profiles (kept/tellLeft.ts): before what may take long, and otherwise when it is
   * done; absent: never, as it is for programs or says so itself.
   */
  readonly tellsLeft?: (parsed: Parsed) => 'before' | 'after' | 'never';
  /** @throws UsageError */
  readonly parse: (given: Given) => Parsed;
  /** @returns the exit code */
  readonly execute: (parsed: Parsed, program: Command) => number | Promise<number>;
}

/** A command whose type of options is its own business. */
export interface AnyCommand extends Omit<CommandSpec<unknown>, 'parse' | 'execute' | 'tellsLeft'> {
  /** @throws UsageError */
  readonly understand: (given: Given, program: Command) => Understood;
}

/** A command line that makes sense. */
export interface Understood {
  /** What was asked for. */
  readonly command: unknown;
  /** @returns the exit code */
  readonly execute: () => number | Promise<number>;
}

export function commandOf<Parsed>({ parse, execute, tellsLeft = () => 'never', ...rest }: CommandSpec<Parsed>): AnyCommand {
  return {
    ...rest,
    understand: (given, program) => {
      const command = parse(given);
      const execution = async (): Promise<number> => {
        const when = tellsLeft(command);
        if (when === 'before') await tellLeft();
        const code = await execute(command, program);
        if (when === 'after') await tellLeft();
        return code;
      };
      return { command, execute: execution };
    },
  };
}

/** What a command was given, as text. */
export class Given {
  /** What is no option, before `--`. */
  readonly operands: readonly string[];
  /** All behind `--`; undefined: there is no `--`. */
  readonly behind: readonly string[] | undefined;
  readonly #values: Readonly<Record<string, unknown>>;

  constructor(values: Readonly<Record<string, unknown>>, operands: readonly string[], behind: readonly string[] | undefined) {
    this.#values = values;
    this.operands = operands;
    this.behind = behind;
  }

  /** @param option in camel case */
  flag(option: string): boolean {
    return this.#values[option] === true;
  }

  /** How often an option without a value was given (`counted`). */
  count(option: string): number {
    const value = this.#values[option];
    return typeof value === 'number' ? value : 0;
  }

  /** Of an option that may be given several times (`listed`). */
  texts(option: string): readonly string[] {
    const value = this.#values[option];
    return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
  }

  text(option: string): string | undefined {
    const value = this.#values[option];
    return typeof value === 'string' ? value : undefined;
  }

  /** @throws UsageError of the parser, which says of which option it is */
  value<T>(option: string, parse: (text: string) => T): T | undefined {
    const text = this.text(option);
    if (text === undefined) return undefined;
    try {
      return parse(text);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      throw new UsageError(`${optionName(option)}: ${error.message}`);
    }
  }

  /** @throws UsageError if there is anything but options */
  refuseOperands(): void {
    const [unexpected] = [...this.operands, ...(this.behind ?? [])];
    if (unexpected !== undefined) throw new UsageError(`unexpected argument '${unexpected}'`);
  }
}

/** Of an option that may be given several times: with 0 at first, what `count` says. */
export function counted(_value: unknown, before: number): number {
  return before + 1;
}

/** Of an option that may be given several times: with [] at first, what `texts` says. */
export function listed(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

function optionName(option: string): string {
  return `--${option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
