import * as z from 'zod';

import { RedoubtError } from '../error.ts';
import { suiteNames } from '../verdict/cell.ts';
import { findingCodes } from '../verdict/finding-code.ts';
import type { RedoubtPolicy } from './policy.ts';

const word = z.string().trim().min(1, 'is empty').max(1000);
const words = z.array(word).min(1, 'names nothing').readonly();
const code = z.enum(findingCodes, { error: ({ input }) => `${said(input)} is not the code of a finding` });

const schema = z.strictObject({
  majors: z.array(z.int().min(1).max(99)).min(1, 'names nothing').readonly().exactOptional(),
  hosts: words.exactOptional(),
  absentHosts: z
    .enum(['named', 'block'], { error: ({ input }) => `${said(input)} is neither "named" nor "block"` })
    .exactOptional(),
  computeImages: words.exactOptional(),
  tapes: words.exactOptional(),
  suites: z
    .array(
      z.enum(suiteNames, {
        error: ({ input }) => `${said(input)} is not a suite (${suiteNames.join(', ')})`,
      }),
    )
    .min(1, 'names nothing')
    .readonly()
    .exactOptional(),
  locales: words.exactOptional(),
  findings: z
    .partialRecord(
      code,
      z.enum(['fail', 'warn'], { error: ({ input }) => `${said(input)} is neither "fail" nor "warn"` }),
    )
    .readonly()
    .exactOptional(),
  accepted: z
    .array(
      z.strictObject({
        code,
        check: word,
        message: word.exactOptional(),
        reason: word,
        owner: word,
        expires: z.iso.date({
          error: ({ input }) => `${said(input)} is not a day such as "2027-01-31"`,
        }),
      }),
    )
    .readonly()
    .exactOptional(),
  reviewers: words.exactOptional(),
});

/**
 * Checks what a policy file exports. Throws `policy-invalid` (usage) that names each wrong place: `policy.accepted[0].expires`.
 */
export function parsePolicy(value: unknown, path: string): RedoubtPolicy {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(faultOf);
  throw new RedoubtError('usage', 'policy-invalid', `${path}: ${faults.join('; ')}`, {
    remedy:
      'Write it as `export const policy = { ... } satisfies RedoubtPolicy`, and an editor says what fits.',
    details: { path, faults },
  });
}

function faultOf(issue: z.core.$ZodIssue): string {
  const place = `policy${issue.path.map((step) => (typeof step === 'number' ? `[${String(step)}]` : `.${String(step)}`)).join('')}`;
  switch (issue.code) {
    case 'unrecognized_keys':
      return `${place} knows no ${issue.keys.map((key) => `"${key}"`).join(', ')}`;
    case 'invalid_type':
      return issue.message.endsWith('received undefined')
        ? `${place} is missing`
        : `${place}: ${issue.message.replace(/^Invalid input: /, '')}`;
    default:
      return `${place}: ${issue.message}`;
  }
}

function said(input: unknown): string {
  return input === undefined ? 'nothing' : JSON.stringify(input);
}
