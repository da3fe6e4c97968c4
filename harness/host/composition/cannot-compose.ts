import { type ErrorDetails, RedoubtError } from '../../error.ts';

/** The error for parts that do not fit together: `cannot-compose` (usage). */
export function cannotCompose(words: string, why: string, details: ErrorDetails = {}): RedoubtError {
  return new RedoubtError('usage', 'cannot-compose', `${words} cannot be put together: ${why}`, {
    remedy:
      'Choose another part: npm:17 runs on every glibc from 2.25 on, and with every libicu that has its functions.',
    details: { composition: words, why, ...details },
  });
}
