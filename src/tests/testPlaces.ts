import { type Statement, statements } from '../launch/statements.ts';

/** A function, method or class of tests in a source. */
export interface TestPlace {
  /** Names from the outside in: classes, then the function. */
  readonly names: readonly string[];
  readonly isClass: boolean;
  /** 0-based line where it starts, its first decorator included, and the last of its body. */
  readonly startLine: number;
  readonly endLine: number;
  /** Whether unittest can run it: it is a class derived from TestCase, or a method of one, and no class is in a class. */
  readonly isUnittest: boolean;
}

/** What a source says about its tests. */
export interface TestSource {
  readonly places: readonly TestPlace[];
  readonly importsPytest: boolean;
  readonly importsUnittest: boolean;
}

interface Block {
  readonly indent: number;
  readonly kind: 'class' | 'function' | 'other';
  readonly name: string;
  readonly isUnittest: boolean;
  readonly isTests: boolean;
  readonly place: { endLine: number } | undefined;
}

/** Deeper than any source that a person wrote. */
const MAX_DEPTH = 100;

/** Bases that a class of tests has by its own framework's or project's habit, should they be defined elsewhere. */
const TEST_BASE = /(?:TestCase|TestBase|BaseTests?|Tests?)$/;

/** Finds what pytest and unittest, as they are set up by default, would run. */
export function testSource(source: string): TestSource {
  const places: TestPlace[] = [];
  const blocks: Block[] = [];
  const unittestClasses = new Set<string>();
  let importsPytest = false;
  let importsUnittest = false;
  let decoratorLine: number | undefined;
  for (const statement of statements(source)) {
    const { indent, line, endLine, text } = statement;
    while (blocks.length > 0 && blocks.at(-1)!.indent >= indent) blocks.pop();
    for (const { place } of blocks) if (place !== undefined) place.endLine = endLine;
    importsPytest ||= /^(?:import\s+(?:.*,\s*)?pytest|from\s+pytest)\b/.test(text);
    importsUnittest ||= /^(?:import\s+(?:.*,\s*)?unittest|from\s+unittest)\b/.test(text);
    if (text.startsWith('@')) {
      decoratorLine ??= line;
      continue;
    }
    const block = openBlock(statement, blocks, unittestClasses);
    const startLine = decoratorLine ?? line;
    decoratorLine = undefined;
    if (block === undefined || blocks.length >= MAX_DEPTH) continue;
    if (!block.isTests) {
      blocks.push(block);
      continue;
    }
    const names = [...blocks.filter(({ kind }) => kind === 'class').map(({ name }) => name), block.name];
    const place = {
      names,
      isClass: block.kind === 'class',
      startLine,
      endLine,
      isUnittest: block.isUnittest && names.length <= (block.kind === 'class' ? 1 : 2),
    };
    places.push(place);
    blocks.push({ ...block, place });
  }
  return { places, importsPytest, importsUnittest };
}

/** Whether a file of this name is looked into for tests by pytest or unittest, if nobody told them otherwise. */
export function isTestFile(name: string): boolean {
  return /^test.*\.py$|_tests?\.py$/.test(name);
}

/** Where tests can be started in a file: in others than test files, a function called test_… alone is none. */
export function runnableTests(fileName: string, source: string): readonly TestPlace[] {
  const { places, importsPytest, importsUnittest } = testSource(source);
  if (isTestFile(fileName)) return places;
  const isKnown = fileName !== 'conftest.py' && (importsPytest || importsUnittest);
  return places.filter(({ isUnittest }) => isUnittest || isKnown);
}

/** The innermost test around a line (0-based). */
export function testAt(places: readonly TestPlace[], line: number): TestPlace | undefined {
  return places.findLast(({ startLine, endLine }) => startLine <= line && line <= endLine);
}

/** @returns undefined for what opens no block that matters */
function openBlock({ indent, whole, text }: Statement, blocks: readonly Block[], unittestClasses: Set<string>): Block | undefined {
  const around = blocks.findLast(({ kind }) => kind !== 'other');
  const isInFunction = blocks.some(({ kind }) => kind === 'function');
  const className = /^class\s+([\p{L}_][\p{L}\p{N}_]*)/u.exec(whole)?.[1];
  if (className !== undefined) {
    const isUnittest = basesOf(whole).some((base) => unittestClasses.has(base) || TEST_BASE.test(base));
    const isInTests = around === undefined || (around.isTests && around.kind === 'class');
    if (isUnittest && around === undefined) unittestClasses.add(className);
    return {
      indent,
      kind: 'class',
      name: className,
      isUnittest,
      isTests: !isInFunction && isInTests && (isUnittest || className.startsWith('Test')),
      place: undefined,
    };
  }
  const functionName = /^(?:async\s+)?def\s+([\p{L}_][\p{L}\p{N}_]*)/u.exec(whole)?.[1];
  if (functionName !== undefined) {
    const isInTests = around === undefined || (around.isTests && around.kind === 'class');
    return {
      indent,
      kind: 'function',
      name: functionName,
      isUnittest: around?.isUnittest === true,
      isTests: !isInFunction && isInTests && functionName.startsWith('test'),
      place: undefined,
    };
  }
  return /^(?:if|elif|else|try|except|finally|for|while|with|async|match|case)\b/.test(text)
    ? { indent, kind: 'other', name: '', isUnittest: false, isTests: false, place: undefined }
    : undefined;
}

/** The last parts of the names that a class is derived from. */
function basesOf(header: string): string[] {
  const list = /^class\s+[\p{L}_][\p{L}\p{N}_]*\s*(?:\[[^\]]*\]\s*)?\(([\s\S]*)\)/u.exec(header)?.[1] ?? '';
  return [
    ...list
      .replaceAll(/#.*/g, '')
      .replaceAll(/\w+\s*=[^,]*/g, '')
      .matchAll(/([\p{L}_][\p{L}\p{N}_]*)\s*(?:,|$|\[)/gu),
  ].map((match) => match[1]!);
}
