// A row of the bench's table.

export interface Row {
  readonly what: string;
  readonly measured: string;
  readonly wanted: string;
  /** How it was measured, with the absolute figures. */
  readonly method: string;
}
