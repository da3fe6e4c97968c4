import { readCollationRows } from '../compute/catalog-rows.ts';
import type { BuildFacts } from '../compute/build-facts.ts';
import { parseControlFile } from '../compute/control-file.ts';
import type { DataTree } from './data-tree.ts';
import type { Finding } from './finding.ts';

type FactCode = Extract<Finding['code'], `artefact-${string}`>;

/** Something that is the same in all artefacts of one build, by its name. */
export interface ArtefactFact {
  readonly code: FactCode;
  readonly name: string;
  readonly value: string;
}

/**
 * What can be said of a build without asking its server: out of a data directory that its initdb made. The versions of
 * libicu and libc are those that PostgreSQL records. Throws what reading pg_control throws.
 */
export function factsOfTree(tree: DataTree, major: number): readonly ArtefactFact[] {
  const control = parseControlFile(tree.read('global/pg_control') ?? Buffer.alloc(0), 'global/pg_control');
  const collations = readCollationRows((path) => tree.read(path), major) ?? [];
  const versionOf = (provider: string): string =>
    [
      ...new Set(
        collations
          .filter((row) => row.provider === provider && row.version !== null)
          .map(({ version }) => version),
      ),
    ].join(', ') || 'none';
  return [
    { code: 'artefact-catalog-version', name: 'catalog version', value: String(control.catalogVersion) },
    { code: 'artefact-build-options', name: 'pg_control version', value: String(control.controlVersion) },
    { code: 'artefact-build-options', name: 'block size', value: String(control.blockSizeBytes) },
    {
      code: 'artefact-build-options',
      name: 'blocks of a relation segment',
      value: String(control.relationSegmentBlocks),
    },
    { code: 'artefact-libicu', name: 'libicu (versions of ICU collations)', value: versionOf('i') },
    { code: 'artefact-libc', name: 'libc (versions of libc collations)', value: versionOf('c') },
  ];
}

/** What a server says of its own build. */
export function factsOfBuild({ version, config, settings }: BuildFacts): readonly ArtefactFact[] {
  return [
    { code: 'artefact-version', name: 'version()', value: version },
    ...Object.entries(config).map(([name, value]) => ({
      code: 'artefact-build-options' as const,
      name: `pg_config ${name}`,
      value,
    })),
    ...Object.entries(settings).map(([name, value]) => ({
      code: 'artefact-build-options' as const,
      name: `setting ${name}`,
      value,
    })),
  ];
}

const shownFacts = 5;

/** In which facts two artefacts disagree, a finding for each kind of fact; one that only one of them has counts as well. */
export function compareArtefacts(
  expected: readonly ArtefactFact[],
  actual: readonly ArtefactFact[],
  against: string,
): readonly Finding[] {
  const [left, right] = [expected, actual].map(
    (facts) => new Map(facts.map((fact) => [fact.name, fact])),
  ) as [Map<string, ArtefactFact>, Map<string, ArtefactFact>];
  const differing = [...new Set([...left.keys(), ...right.keys()])]
    .filter((name) => left.get(name)?.value !== right.get(name)?.value)
    .map((name) => ({
      code: (left.get(name) ?? right.get(name))?.code ?? 'artefact-build-options',
      words: `${name} is ${right.get(name)?.value ?? 'not there'} instead of ${left.get(name)?.value ?? 'not there'}`,
    }));
  return [...Map.groupBy(differing, ({ code }) => code)].map(([code, facts]) => ({
    code,
    message: `not of one build with ${against}: ${facts
      .slice(0, shownFacts)
      .map(({ words }) => words)
      .join('; ')}${facts.length > shownFacts ? `; and ${String(facts.length - shownFacts)} more` : ''}`,
    details: { facts: facts.map(({ words }) => words) },
  }));
}
