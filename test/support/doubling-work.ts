/** The work of doubling.part.ts, which shows how parts of a suite end. */
export interface DoublingWork {
  readonly value: number;
  readonly dies?: boolean;
}
