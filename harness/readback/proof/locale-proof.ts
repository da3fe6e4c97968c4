import type { CharacterChange, CharacterProperty } from '../../collation/character-changes.ts';
import type { Finding } from '../../verdict/finding.ts';
import type { LeafComparison } from '../leaf-comparison.ts';
import type { Readback } from '../readback.ts';
import type { ProofLocale } from './proof-locale.ts';

/** What of a data directory is asked: order and equality of strings, or letters' cases and characters' classes. */
export type ProofTopic = 'order' | 'characters';

/** What a server under the other libraries makes of tables that were written under the first ones. */
export interface TopicProof {
  /** Whether anything was found when the data directory was opened as it is. */
  readonly breaks: boolean;
  readonly opened: Readback;
  /** After `REFRESH VERSION` alone. */
  readonly refreshed: Readback;
  /** After `REINDEX` of every index alone: what is still found no REINDEX cures. */
  readonly reindexed: Readback;
  /** Indexes that could not be built anew. */
  readonly refusals: readonly Finding[];
}

/** The pages of one index as it was built on either side. */
export interface IndexProof extends LeafComparison {
  readonly index: string;
  readonly definition: string;
}

/** One locale proved on a real data directory. */
export interface LocaleProof extends ProofLocale {
  /** `PostgreSQL 17.10`: the same binary on both sides. */
  readonly server: string;
  /** Where it was written and opened, by name. */
  readonly from: string;
  readonly to: string;
  /** What PostgreSQL records of the locale on either side; null where it records nothing. */
  readonly collversion: { readonly from: string | null; readonly to: string | null };
  /** Rows of the tables in question, and how many of their strings move. */
  readonly rows: { readonly order: number; readonly moved: number; readonly characters: number };
  /** How many characters of the first two planes are seen differently. */
  readonly charactersChanged: Readonly<Record<CharacterProperty, number>>;
  readonly characterExamples: readonly CharacterChange[];
  readonly order: TopicProof;
  readonly characters: TopicProof;
  /** What the server warned of, with sessions in the database, before and after `REFRESH VERSION`. */
  readonly warnings: { readonly opened: readonly string[]; readonly refreshed: readonly string[] };
  readonly pages: readonly IndexProof[];
}

/** A proof with what is needed to check it by hand. */
export interface ProvedLocale {
  readonly proof: LocaleProof;
  /** The statements that made the tables. */
  readonly script: readonly string[];
  /** All that was asked of the data directory as it was opened, with the answers, as a script for psql. */
  readonly asked: readonly string[];
  /** Pages in which order is seen to differ. */
  readonly pages: readonly ProofPage[];
}

/** One page of an index as it was built on a side. */
export interface ProofPage {
  readonly index: string;
  readonly side: 'from' | 'to';
  readonly block: number;
  readonly bytes: Buffer;
}
