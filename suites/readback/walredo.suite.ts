import { mkdir } from 'node:fs/promises';
import { join, relative } from 'node:path';

import type { Assembly } from '../../harness/assembly/assemble.ts';
import { keepDirectory } from '../../harness/gate/walredo-readback.ts';
import type { Replayed } from '../../harness/gate/gate-run.ts';
import { RedoubtError } from '../../harness/error.ts';
import type { DataDirectoryReadback } from '../../harness/readback/data-directory-readback.ts';
import { promiseForEachCell, type Examination, type Promised } from '../promise.ts';

/*
 * "some dependencies can cause database corruption": the whole loop of the service, from initdb in the bundle by way of WAL
 * and walredo to a query in compute.
 */

promiseForEachCell('readback', () => [readsBack()]);

function readsBack(): Promised {
  return {
    id: 'whole-life',
    text: "a server of the compute image opens the data directory made of the bundle's initdb and of walredo's pages of all that followed, finds every row of the primary where it was, and each row through each of its indexes",
    examine: async (examination) => {
      const { gate, cell } = examination;
      const replayed = await gate.replayedWholeLife(cell.major, cell.host);
      if (!isWhole(examination, replayed)) return;
      const { host, assembly, read, keptDirectory } = await gate.readback(cell.major, cell.host);
      for (const finding of read.findings) examination.found(finding);
      if (host === cell.host && keptDirectory !== undefined) await keep(examination, keptDirectory);
      const [unchecked] = read.notChecked;
      if (unchecked !== undefined && read.findings.length === 0) throw notChecked(unchecked);
      if (host === cell.host) noteExtent(examination, assembly, read);
      else
        examination.note(`every page is byte for byte that on ${host}, whose data directory was read back`);
    },
  };
}

function noteExtent(
  { gate, note }: Examination,
  { walredoPages, initdbPages }: Assembly,
  { tables, rows, readback }: DataDirectoryReadback,
): void {
  note(
    `${count(walredoPages)} pages of walredo, ${count(initdbPages)} of initdb; pg_xact, pg_multixact, relation maps, sizes and counters by the WAL; free space maps as far as it has them`,
  );
  if (gate.plan.shape.layout === 'static')
    note("initdb's pages are the reference bundle's: two static programs make no data directory");
  if (readback === undefined) return;
  const { indexesChecked, indexesSensitive, rowsLookedUp } = readback.counts;
  note(
    `${count(rows)} rows of ${count(tables)} tables read, catalogs among them; ${count(indexesChecked)} indexes checked, ${count(indexesSensitive)} of them ordered by a collation; ${count(rowsLookedUp)} rows looked up through their own indexes`,
  );
}

/** Whether walredo answered all that there is to be put together. */
function isWhole({ found }: Examination, { tape, replay }: Replayed): boolean {
  const missing = tape.index.length - replay.runs.reduce((sum, { pages }) => sum + pages, 0);
  if (missing > 0)
    found({
      code: 'readback-unanswered',
      message: `walredo leaves ${count(missing)} of ${count(tape.index.length)} pages unanswered: no data directory can be made of them`,
      details: { missing, requests: tape.index.length },
    });
  return missing === 0;
}

async function keep({ gate, slug, note }: Examination, directory: string): Promise<void> {
  const kept = join(gate.reportDirectory, 'evidence', slug, 'data');
  await mkdir(join(kept, '..'), { recursive: true });
  await keepDirectory(directory, kept);
  note(`the data directory, as the server left it: ${relative(gate.reportDirectory, kept)}`);
}

function notChecked(what: string): RedoubtError {
  return new RedoubtError('infrastructure', 'readback-not-checked', `what readback could not ask: ${what}`, {
    remedy: "Choose a compute image with PostgreSQL's contrib modules.",
  });
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}
