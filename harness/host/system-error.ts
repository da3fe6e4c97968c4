import { RedoubtError } from '../error.ts';

const explanations: Readonly<Record<string, { readonly code: string; readonly remedy: string }>> = {
  ENOSPC: {
    code: 'disk-full',
    remedy: 'Free some disk space, or set REDOUBT_CACHE or TMPDIR to a larger disk.',
  },
  EDQUOT: {
    code: 'disk-full',
    remedy: 'Your disk quota is used up: free some space, or set REDOUBT_CACHE elsewhere.',
  },
  EROFS: { code: 'not-writable', remedy: 'Set REDOUBT_CACHE or TMPDIR to a folder that can be written.' },
  EACCES: { code: 'not-writable', remedy: 'Set REDOUBT_CACHE or TMPDIR to a folder that you may write.' },
  EPERM: { code: 'not-permitted', remedy: 'Run as root.' },
  EMFILE: { code: 'too-many-files', remedy: 'Raise the limit of open files (ulimit -n).' },
  ENFILE: { code: 'too-many-files', remedy: 'The machine has no file handles left.' },
  EIO: { code: 'disk-error', remedy: 'The disk reports errors: look at the kernel log.' },
};

/** Turns an error of the operating system into one that says what was being done; a RedoubtError stays as it is. */
export function systemError(doing: string, error: unknown): RedoubtError {
  if (error instanceof RedoubtError) return error;
  const { code = '', path = '', message } = error as NodeJS.ErrnoException;
  const explanation = explanations[code] ?? { code: 'system-error', remedy: 'The cause is in the message.' };
  return new RedoubtError('infrastructure', explanation.code, `${doing}: ${message}`, {
    remedy: explanation.remedy,
    details: { errno: code, path },
    cause: error,
  });
}
