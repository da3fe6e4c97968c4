/** What a look at a bundle's files, nothing executed, can find broken. */
export const fileFaultCodes = [
  'account-missing',
  'conversion-missing',
  'elf-damaged',
  'elf-machine',
  'file-missing',
  'file-not-executable',
  'file-set-user-id',
  'file-special',
  'inout-occupied',
  'interpreter-missing',
  'elf-kernel-floor',
  'library-missing',
  'link-dangling',
  'link-outside',
  'locale-incomplete',
  'locale-missing',
  'module-missing',
  'not-static',
  'script-interpreter-missing',
  'server-not-found',
  'share-file-missing',
  'share-file-of-other-major',
  'shell-missing',
  'symbol-version-missing',
  'time-zone-missing',
] as const;

export type FileFaultCode = (typeof fileFaultCodes)[number];

/** One thing that is wrong with the files of a bundle, in words that name them. */
export interface FileFault {
  readonly code: FileFaultCode;
  readonly message: string;
  readonly details: Readonly<Record<string, string | readonly string[]>>;
}

/** A few of many names, for a sentence: `a, b, c and 7 more`. */
export function someOf(names: readonly string[], most = 4): string {
  const rest = names.length - most;
  return rest > 0 ? `${names.slice(0, most).join(', ')} and ${String(rest)} more` : names.join(', ');
}
