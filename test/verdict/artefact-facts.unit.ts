import { test } from '@japa/runner';

import { compareArtefacts, factsOfBuild } from '../../harness/verdict/artefact-facts.ts';

const build = {
  version: 'PostgreSQL 17.11 (Debian 17.11-0+deb13u1)',
  config: { CC: 'gcc', CONFIGURE: "'--with-icu' '--with-lz4'" },
  settings: { wal_compression: 'enum superuser default off of {pglz,lz4,on,off}' },
};

test.group('compareArtefacts', () => {
  test('artefacts of one build agree', ({ assert }) => {
    assert.isEmpty(compareArtefacts(factsOfBuild(build), factsOfBuild(build), 'the compute image'));
  });

  test('another version, configuration and setting are told, a finding for each kind', ({ assert }) => {
    const other = {
      version: 'PostgreSQL 17.10',
      config: { CC: 'gcc', CONFIGURE: "'--with-icu'" },
      settings: {},
    };
    const findings = compareArtefacts(
      factsOfBuild(build),
      factsOfBuild(other),
      'the compute image debian:13',
    );
    assert.deepEqual(
      findings.map(({ code, message }) => [code, message]),
      [
        [
          'artefact-version',
          'not of one build with the compute image debian:13: version() is PostgreSQL 17.10 instead of PostgreSQL 17.11 (Debian 17.11-0+deb13u1)',
        ],
        [
          'artefact-build-options',
          "not of one build with the compute image debian:13: pg_config CONFIGURE is '--with-icu' instead of '--with-icu' '--with-lz4'; setting wal_compression is not there instead of enum superuser default off of {pglz,lz4,on,off}",
        ],
      ],
    );
  });
});
