import type { CancellationToken, PreparedToolInvocation } from 'vscode';
import { errorText } from '../sessions/failureMessage.ts';
import { type Answer, answerTexts } from './answer.ts';
import { NoAnswer } from './toolInput.ts';

/** A tool that language models can call. What they give it is anything. */
export interface Tool<Input> {
  /** It reads processes or starts programs, which untrusted workspaces must not. */
  readonly needsTrust: boolean;
  /** @throws NoAnswer */
  readonly parse: (input: unknown) => Input;
  /** What the user sees and, where something is started or read, confirms. */
  readonly prepare: (input: Input) => Promise<PreparedToolInvocation>;
  /** @throws NoAnswer, Cancelled */
  readonly answer: (input: Input, token: CancellationToken) => Promise<Answer>;
}

/** The caller gave it up. */
export class Cancelled extends Error {}

export interface ToolHost {
  readonly isTrusted: () => boolean;
  readonly log: (error: unknown) => void;
}

/**
 * What a tool answers, as texts. What prevents an answer is one, too: the model can do something about it.
 * @throws Cancelled
 */
export async function answerOf<Input>(
  tool: Tool<Input>,
  input: unknown,
  token: CancellationToken,
  host: ToolHost,
): Promise<readonly string[]> {
  try {
    const parsed = tool.parse(input);
    if (tool.needsTrust && !host.isTrusted())
      throw new NoAnswer(
        'This workspace is not trusted, so nothing is started or read. Ask the user to trust it (command “Workspaces: Manage Workspace Trust”). heatline_report and heatline_compare work with profiles that are open.',
      );
    throwIfCancelled(token);
    const answer = await tool.answer(parsed, token);
    throwIfCancelled(token);
    return answerTexts(answer);
  } catch (error) {
    if (error instanceof Cancelled) throw error;
    if (error instanceof NoAnswer) return [`Error: ${error.message}`];
    host.log(error);
    return [`Error: ${errorText(error)}`];
  }
}

/** What is to be confirmed before; nothing where nothing will be done. */
export async function preparationOf<Input>(
  tool: Tool<Input>,
  input: unknown,
  { isTrusted }: Pick<ToolHost, 'isTrusted'>,
): Promise<PreparedToolInvocation | undefined> {
  if (tool.needsTrust && !isTrusted()) return undefined;
  let parsed: Input;
  try {
    parsed = tool.parse(input);
  } catch (error) {
    if (error instanceof NoAnswer) return undefined;
    throw error;
  }
  return tool.prepare(parsed);
}

function throwIfCancelled({ isCancellationRequested }: CancellationToken): void {
  if (isCancellationRequested) throw new Cancelled();
}
