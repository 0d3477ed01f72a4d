/** Keys with a name; others are the text that they type. */
export type KeyName =
  | 'up'
  | 'down'
  | 'left'
  | 'right'
  | 'pageUp'
  | 'pageDown'
  | 'home'
  | 'end'
  | 'wheelUp'
  | 'wheelDown'
  | 'tab'
  | 'backTab'
  | 'enter'
  | 'escape'
  | 'backspace'
  | 'interrupt' // Ctrl-C
  | 'suspend' // Ctrl-Z
  | 'clear' // Ctrl-U
  | 'redraw'; // Ctrl-L

export type Key = { readonly name: KeyName } | { readonly text: string };

const controls: Readonly<Record<string, KeyName>> = {
  '\t': 'tab',
  '\r': 'enter',
  '\n': 'enter',
  '\u0008': 'backspace',
  '\u007f': 'backspace',
  '\u0003': 'interrupt',
  '\u001a': 'suspend',
  '\u0015': 'clear',
  '\u000c': 'redraw',
};

/** By the end of their sequences, as xterm, VTE and the Linux console send them (ctlseqs.txt of xterm, console_codes(4)). */
const sequences: Readonly<Record<string, KeyName>> = {
  'A': 'up',
  'B': 'down',
  'C': 'right',
  'D': 'left',
  'H': 'home',
  'F': 'end',
  'Z': 'backTab',
  '1~': 'home',
  '7~': 'home',
  '4~': 'end',
  '8~': 'end',
  '5~': 'pageUp',
  '6~': 'pageDown',
};

/** Longest sequence that is waited for; none that is sent is as long. */
const longest = 64;

/** Makes keys of what a terminal sends, which may come in pieces. */
export class KeyReader {
  #rest = '';

  /** Whether there is the beginning of a sequence, which may be the Escape key as well: after a moment without more, `flush`. */
  get isWaiting(): boolean {
    return this.#rest !== '';
  }

  push(text: string): Key[] {
    const keys: Key[] = [];
    let left = this.#rest + text;
    this.#rest = '';
    while (left !== '') {
      if (left.startsWith('\u001b')) {
        const whole = /^\u001b(?:\[[0-?]*[ -/]*[@-~]|O[ -~])/.exec(left)?.[0];
        if (whole !== undefined) {
          const key = keyOf(whole);
          if (key !== null) keys.push({ name: key });
          left = left.slice(whole.length);
          continue;
        }
        if (/^\u001b(?:$|O$|\[[0-?]*[ -/]*$)/.test(left) && left.length <= longest) {
          this.#rest = left;
          break;
        }
        keys.push({ name: 'escape' });
        left = left.slice(1);
        continue;
      }
      const character = String.fromCodePoint(left.codePointAt(0)!);
      left = left.slice(character.length);
      const name = controls[character];
      if (name !== undefined) keys.push({ name });
      else if (!/\p{Cc}/u.test(character)) keys.push({ text: character });
    }
    return keys;
  }

  /** No more came: it was the Escape key, or something that no one knows. */
  flush(): Key[] {
    const isEscape = this.#rest === '\u001b';
    this.#rest = '';
    return isEscape ? [{ name: 'escape' }] : [];
  }
}

function keyOf(sequence: string): KeyName | null {
  // Mouse buttons as SGR mode (1006) has them: 64 and 65 are the wheel, with bits for Shift, Meta and Ctrl.
  const button = /^\u001b\[<(\d{1,4});\d+;\d+M$/.exec(sequence)?.[1];
  if (button !== undefined) return (Number(button) & ~28) === 64 ? 'wheelUp' : (Number(button) & ~28) === 65 ? 'wheelDown' : null;
  // With Shift, Alt or Ctrl there is a number more.
  const end = /^\u001b[[O](?:1;\d+)?(\d?~|[A-Z])$/.exec(sequence)?.[1];
  return end === undefined ? null : (sequences[end] ?? null);
}
