/**
 * Which core the calling thread runs on, by which a program is made to stand still without being stopped: what ran on the core is
 * kept from running for as long as the caller runs there, and stands where it was when the caller's sleep ended: at an instant
 * that does not depend on what it does.
 */
export interface CorePlace {
  /** The only core it runs on; −1: the system chooses. */
  readonly core: number;
  /** Goes there, and from now on before all ordinary programs where it has the right to. @returns false when it may not run there; then it runs where it did */
  moveTo(core: number): boolean;
  /** Leaves that core, if there is another one, and lets the system choose. */
  leave(): void;
  /** Runs when any other program would, as what comes takes long; until it goes to a core again. */
  lineUp(): void;
}
