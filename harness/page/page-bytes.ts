import { RedoubtError } from '../error.ts';

/** BLCKSZ: the size of a relation page in bytes; servers built with another one are not supported. */
export const pageSizeBytes = 8192;

/** Throws `page-size-invalid` unless the buffer is exactly one page. */
export function requirePage(page: Uint8Array): void {
  if (page.length !== pageSizeBytes) {
    throw new RedoubtError(
      'infrastructure',
      'page-size-invalid',
      `a page has ${pageSizeBytes} bytes, but ${page.length} were given`,
      { details: { bytes: page.length } },
    );
  }
}
