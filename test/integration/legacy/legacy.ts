import { type Interpreter, interpreters } from '../../support/interpreters.ts';

export { title } from '../../support/interpreters.ts';

/** Interpreters whose frames are objects on the heap: 2.7 and 3.3 to 3.10. */
export const legacy: readonly Interpreter[] = interpreters.filter(({ major, minor }) => major === 2 || minor <= 10);
