import { join } from 'node:path';

import type { DriftEvidence } from '../../verdict/drift-evidence.ts';
import { browserFolder, htmlDocument } from './html-document.ts';
import { escapeHtml, packedElement } from './embed.ts';
import { elementIds } from './html-data.ts';

interface Placed {
  readonly text: string;
  readonly codePoints: readonly string[];
}

interface PlacedKey {
  readonly key: Placed;
  readonly from: { readonly block: number; readonly item: number };
  readonly to: { readonly block: number; readonly item: number };
}

/** What a server found on a data directory, as far as the page shows it. */
export interface ProofState {
  readonly counts: object;
  readonly findings: readonly { readonly code: string; readonly message: string }[];
}

/** A proof on a real data directory, as far as the page shows it. */
export interface ProofView {
  readonly provider: string;
  readonly locale: string;
  readonly server: string;
  readonly from: string;
  readonly to: string;
  readonly rows: { readonly order: number; readonly moved: number };
  readonly warnings: { readonly opened: readonly string[] };
  readonly order: {
    readonly breaks: boolean;
    readonly opened: ProofState;
    readonly refreshed: ProofState;
    readonly reindexed: ProofState;
  };
  readonly pages: readonly {
    readonly index: string;
    readonly entries: number;
    readonly pairsFlipped: number;
    readonly flips: readonly { readonly left: PlacedKey; readonly right: PlacedKey }[];
  }[];
}

/** What `redoubt drift` found, for people. */
export interface DriftDocument {
  readonly from: string;
  readonly to: string;
  /** What is known of both sides, a line each. */
  readonly facts: readonly string[];
  /** Those that change first. */
  readonly drifts: readonly DriftEvidence[];
  readonly proofs: readonly ProofView[];
}

/** A drift as one HTML file that needs nothing else. */
export function driftHtml(document: DriftDocument): string {
  const { from, to, facts, drifts } = document;
  const changed = drifts.filter(isChanged);
  const open = drifts.some(({ order }) => order === 'unknown');
  const [verdict, mark, words] =
    changed.length > 0
      ? ['incompatible', '✗', `Order changes in ${listed(changed)}`]
      : open
        ? ['not-judged', '?', 'No chosen pair changes places; not everything was swept']
        : ['compatible', '✓', 'No order changes in all that was compared'];
  return htmlDocument({
    title: `${from} to ${to}: drift`,
    entry: join(browserFolder, 'drift-page.ts'),
    body: `<a class="skip" href="#view">Skip to what changes</a>
<header class="verdict ${verdict}">
<p class="brand">Redoubt: drift from ${escapeHtml(from)} to ${escapeHtml(to)}</p>
<h1><span class="mark" aria-hidden="true">${mark}</span> ${escapeHtml(words)}</h1>
<ul class="facts">${facts.map((fact) => `<li>${escapeHtml(fact)}</li>`).join('')}</ul>
</header>`,
    data: [packedElement(elementIds.details, JSON.stringify(document))],
  });
}

function isChanged({ provider, order, equality }: DriftEvidence): boolean {
  return order === 'changed' || (provider === 'icu' && equality === 'changed');
}

function listed(drifts: readonly DriftEvidence[]): string {
  const names = drifts.flatMap(({ provider, locales }) => locales.map((locale) => `${provider} ${locale}`));
  return names.length <= 4
    ? names.join(', ')
    : `${names.slice(0, 3).join(', ')} and ${String(names.length - 3)} more locales`;
}
