/** Of these majors, those of a default run: two, and all with the full tier. */
export function testedMajors(all: readonly number[]): readonly number[] {
  return process.env['REDOUBT_TEST_TIER'] === 'full'
    ? all
    : all.filter((major) => major === 15 || major === 17);
}
