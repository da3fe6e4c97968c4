import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { test } from '@japa/runner';

import { catalogueHost, catalogueHosts, parseHostCatalogue } from '../../harness/host/host-catalogue.ts';
import { hostNames } from '../../harness/host/debian/recipes.ts';
import { thrownBy } from '../support/thrown.ts';

const text = readFileSync(join(import.meta.dirname, '../../corpora/hosts.json'), 'utf8');

interface LooseCatalogue {
  schemaVersion: number;
  hosts: Record<string, unknown>[];
}

test.group('the catalogue of hosts', () => {
  test('has the distros that people run, and all that are made here', ({ assert }) => {
    const names = catalogueHosts().map(({ name }) => name);
    assert.includeMembers(names, ['amazonlinux:2', 'amazonlinux:2023', 'alpine:3.20', 'rockylinux:8']);
    assert.deepEqual(
      catalogueHosts().flatMap(({ name, source }) => (source.kind === 'debian' ? [name] : [])),
      hostNames(),
    );
    assert.deepEqual(catalogueHost('amazonlinux:2')?.libc, { kind: 'glibc', version: '2.26' });
    assert.isUndefined(catalogueHost('nothing:1'));
  });

  const faults: readonly {
    readonly what: string;
    readonly words: RegExp;
    readonly spoil: (catalogue: LooseCatalogue) => void;
  }[] = [
    { what: 'a newer schema', words: /schemaVersion/, spoil: (all) => (all.schemaVersion = 2) },
    { what: 'a name twice', words: /two hosts have one name/, spoil: (all) => all.hosts.push(all.hosts[0]!) },
    { what: 'no source', words: /hosts\.0\.source/, spoil: (all) => delete all.hosts[0]!['source'] },
    {
      what: 'an unknown key',
      words: /hosts\.0.*glib/,
      spoil: (all) => (all.hosts[0]!['glib'] = '2.31'),
    },
    {
      what: 'a date that is none',
      words: /hosts\.0\.supportEnds/,
      spoil: (all) => (all.hosts[0]!['supportEnds'] = '2026-13-01'),
    },
    {
      what: 'a libc that nobody knows',
      words: /hosts\.0\.libc\.kind/,
      spoil: (all) => (all.hosts[0]!['libc'] = { kind: 'bionic', version: '1.0' }),
    },
  ];

  test('refuses {what}')
    .with([...faults])
    .run(({ assert }, { words, spoil }) => {
      const catalogue = JSON.parse(text) as LooseCatalogue;
      spoil(catalogue);
      const error = thrownBy(() => parseHostCatalogue(JSON.stringify(catalogue)));
      assert.equal(error.code, 'hosts-invalid');
      assert.match(error.message, words);
    });

  test('refuses what is no JSON', ({ assert }) => {
    assert.equal(thrownBy(() => parseHostCatalogue('{')).code, 'hosts-invalid');
  });
});
