/** What a row of a table is about. */
export interface RowId {
  readonly func: number;
  /** 0 where rows are functions. */
  readonly line: number;
}

export const NO_ROW: RowId = { func: -1, line: 0 };
