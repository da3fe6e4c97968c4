import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';

import type { Tape } from '../harness/redo/tape/tape.ts';
import { evidenceFiles } from '../harness/verdict/page-history.ts';
import type { KeepEvidence } from '../harness/verdict/page-judgement.ts';
import type { Examination } from './promise.ts';

/** Keeps for each bad page what `postgres --wal-redo < requests | cmp - expected.page` needs. */
export function keepEvidence({ gate, slug }: Examination, tape: Tape): KeepEvidence {
  return (request, expected, actual) => {
    const directory = join(gate.reportDirectory, 'evidence', slug, `request-${String(request.number)}`);
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, evidenceFiles.requests), tape.readRequest(request));
    writeFileSync(join(directory, evidenceFiles.expected), expected);
    if (actual !== undefined) writeFileSync(join(directory, evidenceFiles.actual), actual);
    return relative(gate.reportDirectory, directory);
  };
}
