import { readFileSync } from 'node:fs';

import { RedoubtError } from '../error.ts';
import { eventSchemaVersion, type TimedEvent } from '../verdict/event.ts';
import { eventSchemas } from './event-schema.ts';
import { firstFault } from './first-fault.ts';
import { upgraded, type VersionedForm } from './schema-upgrade.ts';

const eventsForm: VersionedForm = { name: 'events', version: eventSchemaVersion, steps: new Map() };

/** How every line begins. */
const beginning = '{"at":"';

/**
 * Reads events.ndjson, also of a run that was killed: a last line that was cut off is left out, and nothing at all is no
 * events. Kinds of events that are not known are passed over.
 * @throws RedoubtError `events-missing` (usage), `events-invalid` (with the line), `events-newer`.
 */
export function readEvents(path: string): readonly TimedEvent[] {
  const lines = readText(path).split('\n');
  const torn = lines.pop() ?? '';
  if (lines.length === 0) {
    if (beginning.startsWith(torn.slice(0, beginning.length))) return [];
    throw invalid(path, 'it does not begin with run-started');
  }
  const values = lines.map((line, number) => parseLine(path, line, number + 1));
  const events = upgraded(eventsForm, path, versionOf(path, values[0]), values) as readonly unknown[];
  return events.flatMap((value, number) => knownEvent(path, value, number + 1));
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new RedoubtError(
      'usage',
      'events-missing',
      `cannot read ${path}: ${cause instanceof Error ? cause.message : String(cause)}`,
      { remedy: 'Name the folder of a run.', cause },
    );
  }
}

function parseLine(path: string, line: string, number: number): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw invalid(path, `line ${String(number)}: not JSON`, cause);
  }
}

function versionOf(path: string, first: unknown): number {
  const { type, schemaVersion } = (first ?? {}) as {
    readonly type?: unknown;
    readonly schemaVersion?: unknown;
  };
  if (type !== 'run-started' || typeof schemaVersion !== 'number' || !Number.isInteger(schemaVersion))
    throw invalid(path, 'it does not begin with run-started and its schemaVersion');
  return schemaVersion;
}

function knownEvent(path: string, value: unknown, number: number): readonly TimedEvent[] {
  const type = (value as { readonly type?: unknown } | null)?.type;
  if (typeof type !== 'string') throw invalid(path, `line ${String(number)}: no type of event`);
  if (!Object.hasOwn(eventSchemas, type)) return [];
  const parsed = eventSchemas[type as keyof typeof eventSchemas].safeParse(value);
  if (!parsed.success) throw invalid(path, `line ${String(number)}, ${type}: ${firstFault(parsed.error)}`);
  return [parsed.data as unknown as TimedEvent];
}

function invalid(path: string, fault: string, cause?: unknown): RedoubtError {
  return new RedoubtError('infrastructure', 'events-invalid', `${path}: ${fault}`, {
    remedy: 'Give the events as a run of Redoubt wrote them.',
    details: { path, fault },
    cause,
  });
}
