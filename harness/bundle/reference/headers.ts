/** Majors whose headers Debian does not have, and the major from whose headers their walredo is built. */
const borrowedHeaders: Readonly<Record<number, number>> = { 14: 13, 16: 15 };

/** The major whose headers the walredo of a major is built from: its own, or the one before. */
export function headersMajor(major: number): number {
  return borrowedHeaders[major] ?? major;
}
