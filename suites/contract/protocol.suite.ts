import { edgeMaterial } from '../../harness/contract/edge-material.ts';
import { judgeInStep } from '../../harness/contract/in-step.ts';
import { compareFacts, judgeEdge } from '../../harness/contract/judge-edge.ts';
import { judgeMemoryGrowth } from '../../harness/contract/memory-growth.ts';
import {
  backToBack,
  edgeGroups,
  type EdgeGroup,
  type ProtocolEdge,
} from '../../harness/contract/protocol-edge.ts';
import { together, type Discovery, type Subject } from '../../harness/contract/subject.ts';
import { promiseForEachCell, type Examination, type Promised } from '../promise.ts';
import { behavesOnTape, subjectOf } from './behaviour.ts';

/* "`postgres --wal-redo` mode process following the walredo protocol specified elsewhere" */

/** Enough for a process that keeps a tenth of what it is sent to be told from one that keeps nothing. */
const memoryRequestBytes = 32 * 2 ** 20;
const timesWithoutPause = 3;

promiseForEachCell('contract', (cell, { firstHost }) =>
  cell.host === firstHost
    ? [...edgeGroups.map(keepsToProtocol), withoutPause(), answersInStep(), doesNotGrow()]
    : [],
);

function keepsToProtocol({ id, text, edges }: EdgeGroup): Promised {
  return behavesOnTape(id, text, async (examination, subject, { tape, process }) =>
    judgeEdges(examination, subject, edges(edgeMaterial(tape, process.stdout))),
  );
}

function withoutPause(): Promised {
  return behavesOnTape(
    'back-to-back',
    'walredo answers requests that follow each other without a pause, the same each time',
    (examination, subject, { requests, process }) =>
      judgeEdges(examination, subject, [backToBack(requests, process.stdout, timesWithoutPause)]),
  );
}

async function judgeEdges(
  examination: Examination,
  subject: Subject,
  edges: readonly ProtocolEdge[],
): Promise<Discovery> {
  const { gate } = examination;
  const baseline = gate.plan.shape.hasBaseline
    ? subjectOf(examination, gate.baseline, subject.scratch)
    : undefined;
  const discoveries: Discovery[] = [];
  for (const edge of edges) {
    const own = await judgeEdge(subject, edge);
    discoveries.push(own);
    if (baseline === undefined || own.findings.length > 0) continue;
    discoveries.push(compareFacts(edge, own.fact, (await judgeEdge(baseline, edge)).fact));
  }
  return together(discoveries);
}

function answersInStep(): Promised {
  return behavesOnTape(
    'in-step',
    'walredo answers each request while its input stays open, before it is sent another',
    (_, subject, { tape, process }) => judgeInStep(subject, tape, process.stdout),
  );
}

function doesNotGrow(): Promised {
  return behavesOnTape(
    'memory',
    `walredo does not grow with the requests that it is sent (${String(memoryRequestBytes / 2 ** 20)} MiB)`,
    (_, subject, { requests }) => judgeMemoryGrowth(subject, requests, memoryRequestBytes),
  );
}
