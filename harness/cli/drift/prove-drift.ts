import type { Drift } from '../../collation/drift.ts';
import type { LocaleDrift } from '../../collation/locale-drift.ts';
import type { Progress } from '../../host/progress.ts';
import type { LocaleProof, ProvedLocale } from '../../readback/proof/locale-proof.ts';
import { proveLocales } from '../../readback/proof/prove-locales.ts';
import { openProofSide } from './proof-sides.ts';

/** A locale with its proof, where there is one. */
export type ProvenDrift = Omit<LocaleDrift, 'evidence'> & {
  readonly evidence: readonly (LocaleDrift['evidence'][number] | 'proof')[];
  readonly proof: LocaleProof | null;
};

export interface DriftProofOptions {
  readonly from: string;
  readonly to: string;
  /** The compute image whose server is run on both sides. */
  readonly server: string;
  /** Whether the user named the locales: then those without drift are proved, too. */
  readonly areNamed: boolean;
  readonly progress: Progress;
}

/** What was proved, and what was not and why. */
export interface DriftProof {
  readonly proved: readonly ProvedLocale[];
  /** Whether any order that PostgreSQL relies on is broken; letters that changed are told, and are no verdict. */
  readonly breaks: boolean;
  /** What goes into the result of the drift. */
  readonly inDrift: {
    readonly locales: readonly ProvenDrift[];
    readonly notProved: readonly string[];
  };
}

/** Each takes ten seconds or more. */
const mostUnnamed = 12;

/** Proves locales of a drift on real data directories: those that were named, or of each group of the same data one that changes. */
export async function proveDrift(drift: Drift, options: DriftProofOptions): Promise<DriftProof> {
  const wanted = drift.locales.filter((locale) => options.areNamed || needsProof(locale));
  const possible = wanted.filter(({ encoding }) => encoding === 'UTF8');
  const chosen = options.areNamed ? possible : possible.slice(0, mostUnnamed);
  const notProved = [
    ...wanted
      .filter(({ encoding }) => encoding !== 'UTF8')
      .map(
        ({ provider, locale, encoding }) => `${provider} ${locale}: its encoding is ${encoding}, not UTF8`,
      ),
    ...possible
      .slice(chosen.length)
      .map(({ provider, locale }) => `${provider} ${locale}: name it with --locale`),
  ];
  const proved = chosen.length === 0 ? [] : await prove(chosen, options);
  const proofs = new Map(proved.map(({ proof }) => [`${proof.provider} ${proof.locale}`, proof]));
  const locales = drift.locales.map((locale): ProvenDrift => {
    const proof = proofs.get(`${locale.provider} ${locale.locale}`) ?? null;
    return { ...locale, evidence: proof === null ? locale.evidence : [...locale.evidence, 'proof'], proof };
  });
  return {
    proved,
    breaks: proved.some(({ proof }) => proof.order.breaks),
    inDrift: { locales, notProved },
  };
}

async function prove(
  locales: readonly LocaleDrift[],
  { from, to, server, progress }: DriftProofOptions,
): Promise<readonly ProvedLocale[]> {
  await using stack = new AsyncDisposableStack();
  const withIcu = locales.some(({ provider }) => provider === 'icu');
  progress('proof', 'putting the server on the libraries of both sides');
  const sides = {
    from: await openProofSide(from, { server, withIcu }, stack, progress),
    to: await openProofSide(to, { server, withIcu }, stack, progress),
  };
  return proveLocales({
    ...sides,
    progress,
    locales: locales.map(({ provider, locale, examples }) => ({
      provider,
      locale,
      examples: examples.flatMap(({ left, right }) => [left.text, right.text]),
    })),
  });
}

function needsProof({ order, equality, sweptAs }: LocaleDrift): boolean {
  return (order === 'changed' || equality === 'changed') && sweptAs === null;
}
