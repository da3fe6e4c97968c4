/** Which tables and indexes of a database are read. */
export interface Scope {
  /** Catalogs and TOAST tables, too, by amcheck alone; default false. */
  readonly withSystem?: boolean | undefined;
  /** One schema alone; default all. */
  readonly schema?: string | null | undefined;
}
