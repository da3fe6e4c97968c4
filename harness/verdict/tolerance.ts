import type { Finding } from './finding.ts';
import type { FindingCode } from './finding-code.ts';

/** A finding that a policy lets stand until a date, and who answers for that. */
export interface AcceptedFinding {
  readonly code: FindingCode;
  /** Ids of the checks that may find it; `*` stands for any characters, as in `pg17/debian:11/contract/pin`. */
  readonly check: string;
  /** Words that its message holds; any message where absent. */
  readonly message?: string;
  readonly reason: string;
  readonly owner: string;
  /** The last day (UTC) on which it is accepted: `2027-01-31`. */
  readonly expires: string;
}

/** What a policy says of findings, as it was when the run began. */
export interface PolicyFacts {
  /** Where it lies, as it was found or given. */
  readonly path: string;
  /** SHA-256 over its contents in one fixed form. */
  readonly digest: string;
  /** The day (UTC) against which dates of expiry are held. */
  readonly date: string;
  /** Kinds of findings that warn and do not fail. */
  readonly warnings: readonly FindingCode[];
  readonly accepted: readonly AcceptedFinding[];
}

/** Why something that was found does not fail its check. */
export type Tolerance =
  | {
      readonly kind: 'accepted';
      /** Which of the policy's accepted findings it is, from 0. */
      readonly entry: number;
      readonly reason: string;
      readonly owner: string;
      readonly expires: string;
    }
  | { readonly kind: 'warning' };

/** What a policy says of something that a check found; undefined when it fails the check, as is the rule. */
export function toleranceOf(policy: PolicyFacts, check: string, finding: Finding): Tolerance | undefined {
  const entry = policy.accepted.findIndex(
    (accepted) => !isExpired(accepted, policy.date) && covers(accepted, check, finding),
  );
  const accepted = policy.accepted[entry];
  if (accepted !== undefined) {
    const { reason, owner, expires } = accepted;
    return { kind: 'accepted', entry, reason, owner, expires };
  }
  return policy.warnings.includes(finding.code) ? { kind: 'warning' } : undefined;
}

/** Why a finding stands, for people: accepted is never silent. */
export function describeTolerance(tolerance: Tolerance): string {
  if (tolerance.kind === 'warning') return 'a warning, by the policy';
  const { owner, expires, reason } = tolerance;
  return `accepted by ${owner} until ${expires}: ${reason}`;
}

/** What the events of a run say of a check, as far as a policy is held against it. */
export interface CheckedByPolicy {
  readonly id: string;
  readonly isJudged: boolean;
  readonly tolerances: readonly Tolerance[];
}

/**
 * What is wrong with a policy after a run: an accepted finding that is expired, and one that no check found although one
 * that it names was judged; the latter only where the run is whole.
 */
export function policyFaults(
  policy: PolicyFacts,
  checks: readonly CheckedByPolicy[],
  isWhole = true,
): readonly string[] {
  const used = new Set(
    checks.flatMap(({ tolerances }) =>
      tolerances.flatMap((tolerance) => (tolerance.kind === 'accepted' ? [tolerance.entry] : [])),
    ),
  );
  return policy.accepted.flatMap((accepted, entry) => {
    const { code, check, owner, expires } = accepted;
    const named = `the accepted finding ${code} of ${check} (owner ${owner})`;
    if (isExpired(accepted, policy.date)) return [`${named} expired on ${expires}`];
    const pattern = checkPattern(check);
    const isUnused =
      isWhole && !used.has(entry) && checks.some(({ id, isJudged }) => isJudged && pattern.test(id));
    return isUnused ? [`${named} is not found any more: take it out of ${policy.path}`] : [];
  });
}

/** Whether a tolerance stands in the policy for what a check found: events that say otherwise prove nothing. */
export function isGranted(
  policy: PolicyFacts | undefined,
  check: string,
  finding: Finding,
  tolerance: Tolerance,
): boolean {
  const granted = policy === undefined ? undefined : toleranceOf(policy, check, finding);
  return (
    granted?.kind === tolerance.kind &&
    (granted.kind !== 'accepted' || tolerance.kind !== 'accepted' || granted.entry === tolerance.entry)
  );
}

function covers({ code, check, message }: AcceptedFinding, id: string, finding: Finding): boolean {
  return (
    code === finding.code &&
    checkPattern(check).test(id) &&
    (message === undefined || finding.message.includes(message))
  );
}

function isExpired({ expires }: AcceptedFinding, date: string): boolean {
  return expires < date;
}

function checkPattern(check: string): RegExp {
  const parts = check.split('*').map((part) => RegExp.escape(part));
  return new RegExp(`^${parts.join('.*')}$`, 's');
}
