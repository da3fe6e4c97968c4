/** What went wrong: the bundle (`verdict`, exit 1), the command (`usage`, exit 2), or the machine (`infrastructure`, exit 3). */
export type ErrorKind = 'verdict' | 'usage' | 'infrastructure';

/** Everything an error says besides its sentence; values must survive JSON. */
export type ErrorDetails = Readonly<Record<string, string | number | boolean | null | readonly string[]>>;

export interface ErrorOptions {
  /** What the reader can do about it, one sentence. */
  readonly remedy?: string;
  readonly details?: ErrorDetails;
  readonly cause?: unknown;
}

const exitCodes: Readonly<Record<ErrorKind, 1 | 2 | 3>> = { verdict: 1, usage: 2, infrastructure: 3 };

/** The one error class of Redoubt: `code` is stable for machines, `message` says what and where, `remedy` what to do. */
export class RedoubtError extends Error {
  override readonly name = 'RedoubtError';
  readonly kind: ErrorKind;
  readonly code: string;
  readonly details: ErrorDetails;
  readonly remedy: string | undefined;

  constructor(kind: ErrorKind, code: string, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.kind = kind;
    this.code = code;
    this.details = options.details ?? {};
    this.remedy = options.remedy;
  }

  get exitCode(): 1 | 2 | 3 {
    return exitCodes[this.kind];
  }
}
