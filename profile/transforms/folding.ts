import type { Libraries } from '../libraries.ts';
import { FOLDED, functionOfFrame } from '../weighedStacks.ts';
import type { Profile } from '../profile.ts';
import type { StackTable } from './stackTable.ts';
import type { Transform } from './transform.ts';

/** How a function's frames are shown: by themselves; folded with those of the same library; or with all that is folded this way. */
const SHOWN = 0;
const WITH_LIBRARY = 1;
const WITH_ALL = 2;

/** Stacks as boxes: frames that are folded into the box of their callers add none. */
export interface Boxes {
  /** By stack: the function of its innermost box, be it a folded library. */
  readonly func: Int32Array;
  /** By stack: 1 if its leaf frame is in its caller's box. */
  readonly continues: Uint8Array;
}

/** How each function is shown after these transforms; undefined: nothing is folded. */
export function foldingOf(transforms: readonly Transform[], libraries: Libraries): Uint8Array | undefined {
  let mine = false;
  /** By library. */
  const states = new Map<number, typeof SHOWN | typeof WITH_LIBRARY>();
  for (const transform of transforms) {
    if (transform.kind === 'onlyMine') {
      mine = true;
      states.clear();
    } else if (transform.kind === 'foldLibrary') states.set(libraries.id(transform.library), WITH_LIBRARY);
    else if (transform.kind === 'openLibrary') states.set(libraries.id(transform.library), SHOWN);
  }
  if (!mine && states.size === 0) return undefined;
  return Uint8Array.from(libraries.ofFunction, (library) => {
    if (library < 0) return SHOWN;
    return states.get(library) ?? (mine ? WITH_ALL : SHOWN);
  });
}

export function boxesOf(stacks: StackTable, profile: Profile, libraries: Libraries, folding: Uint8Array | undefined): Boxes {
  const { length, parents, frames } = stacks;
  const func = new Int32Array(length);
  const continues = new Uint8Array(length);
  func[0] = -1;
  for (let stack = 1; stack < length; stack++) func[stack] = functionOfFrame(profile, frames[stack]!);
  if (folding === undefined) return { func, continues };
  /** By stack: how its leaf is shown. */
  const shown = new Uint8Array(length);
  for (let stack = 1; stack < length; stack++) {
    const own = func[stack]!;
    const how = (shown[stack] = folding[own]!);
    if (how === SHOWN) continue;
    const folded = FOLDED + libraries.ofFunction[own]!;
    const parent = parents[stack]!;
    continues[stack] = shown[parent] === how && (how === WITH_ALL || func[parent] === folded) ? 1 : 0;
    func[stack] = continues[stack] === 1 ? func[parent]! : folded;
  }
  return { func, continues };
}
