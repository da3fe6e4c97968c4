import { join } from 'node:path';

import type { DriftEvidence } from '../../verdict/drift-evidence.ts';
import { printable } from '../printable.ts';
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

/** Which part makes locales drift, and the runs that show it, in words. */
export interface CauseView {
  readonly provider: string;
  readonly locales: readonly string[];
  readonly cause: string;
  /** What every environment was asked. */
  readonly pairs: readonly { readonly left: Placed; readonly right: Placed }[];
  /** What servers were asked of characters: `lower`, `upper`, or a class. */
  readonly characters: readonly { readonly what: string; readonly character: Placed }[];
  readonly runs: readonly {
    readonly exchanged: string;
    /** How the pairs compare, one after the other; empty where nobody asked. */
    readonly libraries: string;
    readonly server: string;
    readonly environment: string;
  }[];
  /** What was exchanged without effect. */
  readonly idle: readonly string[];
  readonly notExchanged: readonly { readonly part: string; readonly why: string }[];
}

/** What `redoubt drift` found, for people. */
export interface DriftDocument {
  readonly from: string;
  readonly to: string;
  /** As `redoubt drift` ends: 0 nothing changes, 1 something does, 3 not everything was asked. */
  readonly exitCode: number;
  /** What is known of both sides, a line each. */
  readonly facts: readonly string[];
  /** Those that change first. */
  readonly drifts: readonly DriftEvidence[];
  readonly causes: readonly CauseView[];
  readonly proofs: readonly ProofView[];
}

/** A drift as one HTML file that needs nothing else. */
export function driftHtml(document: DriftDocument): string {
  const { from, to, exitCode, facts } = document;
  const [verdict, mark] = verdicts[exitCode] ?? ['not-judged', '?'];
  return htmlDocument({
    title: `${from} to ${to}: drift`,
    entry: join(browserFolder, 'drift-page.ts'),
    body: `<a class="skip" href="#view">Skip to what changes</a>
<header class="verdict ${verdict}">
<p class="brand">Redoubt: drift from ${shown(from)} to ${shown(to)}</p>
<h1><span class="mark" aria-hidden="true">${mark}</span> ${shown(headline(document))}</h1>
<ul class="facts">${facts.map((fact) => `<li>${shown(fact)}</li>`).join('')}</ul>
</header>`,
    data: [packedElement(elementIds.details, JSON.stringify(document))],
  });
}

/** Class and sign by exit code. */
const verdicts: Readonly<Record<number, readonly [verdict: string, mark: string]>> = {
  0: ['compatible', '✓'],
  1: ['incompatible', '✗'],
};

/** What the exit code says, in words, with the locales that it is about. */
function headline({ exitCode, drifts, proofs }: DriftDocument): string {
  if (exitCode === 0) return 'No order changes in all that was compared';
  if (exitCode !== 1) return 'No chosen pair changes places; not everything was swept';
  const order = namesOf(drifts.filter((drift) => drift.order === 'changed'));
  if (order.length > 0) return `Order changes in ${listed(order)}`;
  const equality = namesOf(drifts.filter((drift) => drift.equality === 'changed'));
  if (equality.length > 0) return `Equality changes in ${listed(equality)}`;
  const broken = proofs.filter((proof) => proof.order.breaks);
  return `PostgreSQL breaks under ${listed(broken.map(({ provider, locale }) => `${provider} ${locale}`))}`;
}

function namesOf(drifts: readonly DriftEvidence[]): readonly string[] {
  return drifts.flatMap(({ provider, locales }) => locales.map((locale) => `${provider} ${locale}`));
}

function listed(names: readonly string[]): string {
  return names.length <= 4
    ? names.join(', ')
    : `${names.slice(0, 3).join(', ')} and ${String(names.length - 3)} more locales`;
}

function shown(text: string): string {
  return escapeHtml(printable(text));
}
