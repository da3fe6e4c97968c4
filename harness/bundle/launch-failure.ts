import { RedoubtError } from '../error.ts';
import { bundleMountPoint } from './launch.ts';

/** The word in which the host's kernel refuses a program, told in the bundle's terms. */
const meanings: Readonly<Record<string, string>> = {
  file: 'there is no such file',
  interpreter: 'the interpreter or loader that it names is not there, and it needs one of the host',
};

/**
 * What is wrong with a bundle whose program the kernel would not even begin to run, in one sentence; undefined for every
 * other error. The root stood then: it is the bundle that does not fit in it.
 */
export function launchFailure(error: unknown): string | undefined {
  if (!(error instanceof RedoubtError) || error.code !== 'exec-failed') return undefined;
  const { path, missing, errno } = error.details;
  if (typeof path !== 'string' || !isOfBundle(path)) return undefined;
  if (errno === 'ENOEXEC') return `${error.message}: it is no program for this machine (exec format error)`;
  const meaning = typeof missing === 'string' ? meanings[missing] : undefined;
  return meaning === undefined ? error.message : `${error.message.replace(/: [^:]*$/, '')}: ${meaning}`;
}

function isOfBundle(path: string): boolean {
  return path === '/LAUNCHER' || path.startsWith(`${bundleMountPoint}/`);
}
