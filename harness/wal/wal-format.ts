import { RedoubtError } from '../error.ts';

/** What differs between majors in how WAL is framed: XLOG_PAGE_MAGIC (xlog_internal.h) and the bits of bimg_info (xlogrecord.h). */
export interface WalFormat {
  readonly major: number;
  readonly pageMagic: number;
  /** `single-bit`: 14, one bit says "compressed" (pglz); `method-bits`: 15 and later, one bit a method. */
  readonly imageInfo: 'single-bit' | 'method-bits';
}

const formats: ReadonlyMap<number, WalFormat> = new Map([
  [14, { major: 14, pageMagic: 0xd10d, imageInfo: 'single-bit' }],
  [15, { major: 15, pageMagic: 0xd110, imageInfo: 'method-bits' }],
  [16, { major: 16, pageMagic: 0xd113, imageInfo: 'method-bits' }],
  [17, { major: 17, pageMagic: 0xd116, imageInfo: 'method-bits' }],
  [18, { major: 18, pageMagic: 0xd118, imageInfo: 'method-bits' }],
]);

/** The majors whose WAL can be read. */
export const walMajors: readonly number[] = [...formats.keys()];

/** The WAL format of a major version; throws the usage error `wal-major-unsupported` for one that is not known. */
export function walFormat(major: number): WalFormat {
  const format = formats.get(major);
  if (format === undefined) {
    throw new RedoubtError(
      'usage',
      'wal-major-unsupported',
      `WAL of PostgreSQL ${major} cannot be read, only that of ${walMajors.join(', ')}`,
      { remedy: 'Use a server of a supported major version.' },
    );
  }
  return format;
}

/** The major whose XLOG_PAGE_MAGIC this is, or undefined: used to say "this is WAL of 15" when 17 was expected. */
export function majorOfPageMagic(pageMagic: number): number | undefined {
  return [...formats.values()].find((format) => format.pageMagic === pageMagic)?.major;
}
