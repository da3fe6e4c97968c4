import { open } from 'node:fs/promises';

import { RedoubtError, type ErrorDetails } from '../error.ts';
import { killedRemedy, saysChildWasKilled } from '../host/killed-from-outside.ts';
import { diskFullRemedy, isDiskFull } from './disk-full.ts';

/** What to say of a server that failed. */
export interface ServerFailure {
  /** Stable, as in `server-start-failed`; a full disk makes it `disk-full`, a SIGKILL of somebody's `process-killed`. */
  readonly code: string;
  /** One sentence without the log. */
  readonly message: string;
  readonly logFile: string;
  readonly details?: ErrorDetails;
  readonly cause?: unknown;
}

/** An error of kind infrastructure that ends with the last lines of the server's log, which is where the reason is. */
export async function serverFailure(failure: ServerFailure): Promise<RedoubtError> {
  const tail = await logTail(failure.logFile);
  const full = failure.code === 'disk-full' || isDiskFull(failure.message) || isDiskFull(tail);
  const [code, message, remedy] = full
    ? ['disk-full', failure.message, diskFullRemedy]
    : saysChildWasKilled(tail)
      ? [
          'process-killed',
          `a process of the server was killed by a SIGKILL that Redoubt did not send: ${failure.message}`,
          killedRemedy,
        ]
      : [failure.code, failure.message, 'The last lines of the server log, above, say why.'];
  return new RedoubtError('infrastructure', code, `${message}\n${tail}`, {
    remedy,
    details: { ...failure.details, logFile: failure.logFile },
    cause: failure.cause,
  });
}

/** The last lines of a server's log, at most 2 KiB. */
async function logTail(logFile: string): Promise<string> {
  const most = 2048;
  try {
    await using file = await open(logFile, 'r');
    const { size } = await file.stat();
    const start = Math.max(0, size - most);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(most), 0, most, start);
    const text = buffer.toString('utf8', 0, bytesRead);
    return (start > 0 ? text.slice(text.indexOf('\n') + 1) : text).trimEnd();
  } catch {
    // The log is an addition to an error that is being raised already; its absence must not replace that error.
    return '(no log)';
  }
}
