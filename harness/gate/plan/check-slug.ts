/** A check's id, fit for a file name: below `evidence/` that is where its evidence lies. */
export function checkSlug(id: string): string {
  return id.replaceAll(/[^a-z0-9.]+/gi, '-');
}
