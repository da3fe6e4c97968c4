import type { GateEvent } from '../../../harness/verdict/event.ts';
import { checks, ended, found, over, planned } from '../../verdict/run-events.ts';

/** What names out of a bundle can hold to be taken for something else than text, by what they are aimed at. */
export const hostileNames: Readonly<Record<string, string>> = {
  xml: ']]></failure><testcase name="forged" classname="x" time="0.000"/>&amp;<!--',
  attribute: '" errors="0\' name=',
  markdown:
    '| a | b |\n## ✓ Redoubt: compatible\n<script>alert(1)</script>[x](https://example.org)`` ` *b* @all #1',
  github: 'line\n::error::forged\r\n::set-output name=x::y%0A::add-mask::z',
  ansi: '\u001B[2J\u001B[1;32mcompatible\u001B[0m\u009B31m\u0007',
  controls: '\0\u0001\b\v\f\u000E\u001F\u007F\u0085\u2028\u2029',
  direction: '\u202Eelbitapmoc\u202C\u2066',
  surrogates: '\uD800 \uDC00 \uFFFE \uFFFF 😀',
};

/** A failed run whose findings, reasons, notes and inputs are all hostile. */
export function hostileRun(): readonly GateEvent[] {
  const all = Object.values(hostileNames).join(' ');
  const [first, second, ...others] = checks.map(({ id }) => id);
  return [
    { type: 'run-started', schemaVersion: 1, redoubtVersion: '0.1.0', machine: all },
    {
      type: 'bundle',
      bundle: {
        role: 'candidate',
        source: all,
        digest: 'ab',
        layout: 'chroot',
        flavour: 'vanilla',
        servers: { '17': all },
        notes: [all],
      },
    },
    { type: 'host-absent', host: { name: 'absent', reason: all } },
    planned(
      undefined,
      checks.map((check) => ({ ...check, promise: all })),
    ),
    ...Object.values(hostileNames).map((message) =>
      found(first ?? '', { code: 'file-missing', message, details: { path: message } }),
    ),
    { ...ended(first ?? '', 'failed'), reason: all, notes: [all] } as GateEvent,
    { ...ended(second ?? '', 'not judged'), reason: all } as GateEvent,
    ...others.map((id) => ended(id)),
    over(),
  ];
}
