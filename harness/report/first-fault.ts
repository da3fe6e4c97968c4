import type { z } from 'zod';

/** Where the first thing that is wrong stands, and what it is: `cells.0.verdict: Invalid input`. */
export function firstFault({ issues }: z.ZodError): string {
  const issue = issues[0];
  if (issue === undefined) return 'it is not as it must be';
  const where = issue.path.map(String).join('.');
  return `${where === '' ? '' : `${where}: `}${issue.message}`;
}
