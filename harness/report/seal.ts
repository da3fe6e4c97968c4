import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

import { RedoubtError } from '../error.ts';
import type { TimedEvent } from '../verdict/event.ts';

/** Whether the events of a file are those that a run wrote, by the digest that its last event has over all others. */
export type Seal =
  | { readonly kind: 'whole' }
  /** The run did not come to its end, or something stands behind it. */
  | { readonly kind: 'no end' }
  /** An older Redoubt made it. */
  | { readonly kind: 'no digest' }
  | { readonly kind: 'broken'; readonly stated: string; readonly actual: string };

/** The lines of events.ndjson, with the digest in the end of the run. */
export function sealedText(events: readonly TimedEvent[]): string {
  let text = '';
  for (const event of events) {
    const sealed = event.type === 'run-ended' ? { ...event, digest: sha256(Buffer.from(text)) } : event;
    text += `${JSON.stringify(sealed)}\n`;
  }
  return text;
}

/** Looks at the seal of events.ndjson; what its other lines say is nobody's business here. */
export function sealOf(path: string): Seal {
  const bytes = readFileSync(path);
  const end = bytes.lastIndexOf(0x0a);
  const start = bytes.lastIndexOf(0x0a, end - 1) + 1;
  const { type, digest: stated } = parseLine(bytes.subarray(start, end));
  if (end !== bytes.length - 1 || type !== 'run-ended') return { kind: 'no end' };
  if (stated === undefined) return { kind: 'no digest' };
  const actual = sha256(bytes.subarray(0, start));
  return actual === stated ? { kind: 'whole' } : { kind: 'broken', stated, actual };
}

/** @throws RedoubtError `report-edited` (usage) when the seal is broken. */
export function requireUnedited(path: string, seal: Seal = sealOf(path)): void {
  if (seal.kind !== 'broken') return;
  throw reportEdited(
    `${path} has other events than those that the run wrote (sha256 ${seal.actual}, not ${seal.stated})`,
  );
}

/** The error of a report that does not say what its run said. */
export function reportEdited(why: string, cause?: unknown): RedoubtError {
  return new RedoubtError('usage', 'report-edited', `the report was edited: ${why}`, {
    remedy: 'Run it again, and take its report as it is.',
    cause,
  });
}

function parseLine(line: Buffer): { readonly type?: unknown; readonly digest?: string } {
  try {
    const { type, digest } = JSON.parse(line.toString('utf8')) as Readonly<Record<string, unknown>>;
    return typeof digest === 'string' ? { type, digest } : { type };
  } catch {
    return {};
  }
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
