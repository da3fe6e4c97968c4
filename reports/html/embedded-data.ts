import type { DriftDocument } from '../../harness/report/html/drift-html.ts';
import { elementIds, type Details, type Overview } from '../../harness/report/html/html-data.ts';
import type { PageWithHistory } from '../../harness/verdict/history-steps.ts';
import type { PageHistory } from '../../harness/verdict/page-history.ts';

const pageSizeBytes = 8192;

export function readOverview(): Overview {
  return JSON.parse(textOf(elementIds.overview)) as Overview;
}

let details: Promise<Details> | undefined;

/** All that the report says; unpacked once. */
export function readDetails(): Promise<Details> {
  details ??= unpack(elementIds.details).then(
    (bytes) => JSON.parse(new TextDecoder().decode(bytes)) as Details,
  );
  return details;
}

/** What a drift's page shows. */
export async function readDrift(): Promise<DriftDocument> {
  return JSON.parse(new TextDecoder().decode(await unpack(elementIds.details))) as DriftDocument;
}

export async function readPage(elementId: string): Promise<PageWithHistory> {
  const bytes = await unpack(elementId);
  const length = new DataView(bytes.buffer).getUint32(0, true);
  const history = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length))) as PageHistory;
  const pages: Buffer[] = [];
  for (let at = 4 + length; at + pageSizeBytes <= bytes.length; at += pageSizeBytes)
    pages.push(Buffer.from(bytes.subarray(at, at + pageSizeBytes)));
  const [expected, ...others] = pages;
  if (expected === undefined) throw new Error(`${elementId} holds no pages`);
  const actual = history.isAnswered === false ? undefined : others.shift();
  return { history, expected, actual, steps: others };
}

function textOf(id: string): string {
  return document.querySelector(`#${CSS.escape(id)}`)?.textContent ?? 'null';
}

async function unpack(id: string): Promise<Uint8Array> {
  const packed = Uint8Array.from(atob(textOf(id)), (sign) => sign.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
