/** How programs are started, so that they run as they would without us. */
export interface Launching {
  /** Does something – starting a program – under the limit on open files that our parent has, where Node has changed ours. */
  withParentsFileLimit<T>(action: () => T): T;
  /** Ends us by the signal that ended the program we ran. Returns only for signals that end nothing. */
  dieBy(signal: NodeJS.Signals): void;
  /** Signals that reach everything we run when they reach us, as they come from our terminal; none without one. */
  terminalSignals(): readonly NodeJS.Signals[];
  /**
   * Executes a program in our place, after allowing one process to read its memory where only parents may do that.
   * @throws Error when the program can't be executed, with its errno
   */
  executeAllowing(pid: number, program: readonly [string, ...string[]]): never;
  /** Whether only parents may read a process's memory, and whom it allows to by `executeAllowing`. */
  onlyParentsMayRead(): boolean;
  /** Whether a file is a program that we may execute. */
  canExecute(file: string): boolean;
}
