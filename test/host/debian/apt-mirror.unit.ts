import { test } from '@japa/runner';

import {
  chooseMirror,
  type IndexTarget,
  parseIndexTargets,
  parseProxies,
} from '../../../harness/host/debian/apt-mirror.ts';

const debian: IndexTarget = {
  repositoryUri: 'http://mirror.example/debian/',
  release: 'bookworm',
  codename: 'bookworm',
  component: 'main',
  origin: 'Debian',
  label: 'Debian',
};

test.group('chooseMirror', () => {
  test('finds the main archive among updates, security and foreign sources', ({ assert }) => {
    const targets: readonly IndexTarget[] = [
      {
        ...debian,
        repositoryUri: 'http://foreign.example/',
        release: 'nodistro',
        origin: '. nodistro',
        label: 'x',
      },
      {
        ...debian,
        repositoryUri: 'http://mirror.example/security/',
        release: 'bookworm-security',
        label: 'Debian-Security',
      },
      { ...debian, repositoryUri: 'http://mirror.example/updates/', release: 'bookworm-updates' },
      debian,
    ];
    assert.equal(chooseMirror(targets), debian.repositoryUri);
  });

  test('does not take another vendor that uses the same suite names', ({ assert }) => {
    assert.isUndefined(chooseMirror([{ ...debian, origin: 'Somebody', label: 'Somebody' }]));
  });

  test('takes an archive whose Release file was not fetched yet, after one that is known', ({ assert }) => {
    const unfetched = { ...debian, repositoryUri: 'http://new.example/', origin: '', label: '' };
    assert.equal(chooseMirror([unfetched]), unfetched.repositoryUri);
    assert.equal(chooseMirror([unfetched, debian]), debian.repositoryUri);
  });

  test('finds nothing where there is nothing', ({ assert }) => {
    assert.isUndefined(chooseMirror([]));
    assert.isUndefined(chooseMirror([{ ...debian, component: 'contrib' }]));
  });
});

test.group('parseIndexTargets', () => {
  test('reads lines; a field that apt does not know is empty', ({ assert }) => {
    assert.deepEqual(parseIndexTargets('http://m/\tbookworm\tbookworm\tmain\t$(ORIGIN)\tDebian\n\n'), [
      {
        repositoryUri: 'http://m/',
        release: 'bookworm',
        codename: 'bookworm',
        component: 'main',
        origin: '',
        label: 'Debian',
      },
    ]);
  });
});

test.group('parseProxies', () => {
  test('finds the proxies of http and https, not those of single hosts', ({ assert }) => {
    const output = [
      'Acquire\t',
      'Acquire::http::Proxy\thttp://proxy.example:3142',
      'Acquire::http::Proxy::deb.example\tDIRECT',
      'Acquire::https::Proxy\tDIRECT',
      'Acquire::ftp::Proxy\tftp://proxy.example/',
    ].join('\n');
    assert.deepEqual(parseProxies(output), { http_proxy: 'http://proxy.example:3142' });
    assert.deepEqual(parseProxies(''), {});
  });
});
