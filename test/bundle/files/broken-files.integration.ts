import { join } from 'node:path';

import { test } from '@japa/runner';

import type { FileFaultCode } from '../../../harness/bundle/files/file-fault.ts';
import { takeInventory } from '../../../harness/bundle/inventory/bundle-inventory.ts';
import { FolderTree } from '../../../harness/bundle/inventory/folder-tree.ts';
import { openBundle } from '../../../harness/bundle/open.ts';
import { buildPgInstall } from '../../../harness/bundle/pg-install/build.ts';
import { referenceMajors } from '../../../harness/bundle/reference/build.ts';
import { silent } from '../../../harness/host/progress.ts';
import { hostRecipe } from '../../../harness/host/debian/recipes.ts';
import { ensureRoot } from '../../../harness/host/root.ts';
import { temporaryDirectory, type TemporaryDirectory } from '../../../harness/host/run-directory.ts';
import {
  Breakable,
  examineFiles,
  examineInventory,
  forMachine,
  linkTree,
  overwrite,
  smallReference,
  withKernelFloor,
} from '../../support/broken-files.ts';
import { openReference } from '../support/reference.ts';

/* Each way in which a bundle's files can be wrong is found by its own promise, in words that name it; sound ones are not. */

const major = 17;
const base = 'storage/v17';
const server = `${base}/lib/postgresql/17`;
const share = `${base}/share/postgresql/17`;

interface Broken {
  readonly name: string;
  readonly fault: (bundle: Breakable, reference: string) => Promise<void>;
  readonly promise: string;
  readonly code: FileFaultCode;
  readonly words: RegExp;
}

const chroot: readonly Broken[] = [
  {
    name: 'LAUNCHER without the run bit',
    fault: (bundle) => bundle.mode('LAUNCHER', 0o644),
    promise: 'layout',
    code: 'file-not-executable',
    words: /^LAUNCHER cannot be run: its mode is 0644/,
  },
  {
    name: 'something of its own in /inout',
    fault: (bundle) => bundle.write('inout/README', 'mine'),
    promise: 'layout',
    code: 'inout-occupied',
    words: /\/inout is reserved, and the bundle's own holds README/,
  },
  {
    name: 'a server that is packed so that nobody knows it',
    fault: (bundle) => bundle.write(`${server}/bin/postgres-server`, 'packed', 0o755),
    promise: 'layout',
    code: 'server-not-found',
    words: /no program of the bundle says that it is a server of PostgreSQL 17/,
  },
  {
    name: 'an absolute link to a file of the machine that built it',
    fault: (bundle) => bundle.link(`${base}/share/unused`, '/usr/share/zoneinfo'),
    promise: 'tree',
    code: 'link-outside',
    words: /storage\/v17\/share\/unused is a link to \/usr\/share\/zoneinfo, which the bundle does not hold/,
  },
  {
    name: 'a link that climbs above the root',
    fault: (bundle) => bundle.link(`${base}/etc`, '../../../etc'),
    promise: 'tree',
    code: 'link-outside',
    words: /storage\/v17\/etc is a link to \.\.\/\.\.\/\.\.\/etc, which lies outside of the bundle/,
  },
  {
    name: 'a link to nothing',
    fault: (bundle) => bundle.link(`${base}/share/gone`, 'postgresql/18'),
    promise: 'tree',
    code: 'link-dangling',
    words: /storage\/v17\/share\/gone is a link to postgresql\/18, which the bundle does not hold/,
  },
  {
    name: 'a setuid file',
    fault: (bundle) => bundle.mode('storage/busybox', 0o4755),
    promise: 'tree',
    code: 'file-set-user-id',
    words: /storage\/busybox is setuid \(mode 4755\)/,
  },
  {
    name: 'a module of another machine',
    fault: (bundle) => bundle.alter(`${server}/lib/amcheck.so`, forMachine(183)),
    promise: 'machine',
    code: 'elf-machine',
    words: /lib\/amcheck\.so is for another machine: aarch64, 64 bits, little-endian, not x86-64/,
  },
  {
    name: 'a library that is cut short',
    fault: (bundle) => bundle.alter(`${server}/lib/citext.so`, (bytes) => bytes.subarray(0, 900)),
    promise: 'machine',
    code: 'elf-damaged',
    words: /lib\/citext\.so begins like a program and is damaged: .+ \(offset \d+\)/,
  },
  {
    name: 'a program that asks for Linux 6.1',
    fault: (bundle) => bundle.alter(`${server}/bin/initdb`, withKernelFloor(6, 1, 0)),
    promise: 'machine',
    code: 'elf-kernel-floor',
    words: /bin\/initdb asks for Linux 6\.1\.0 or newer in its ABI note; the interface promises 5\.10/,
  },
  {
    name: 'a missing library',
    fault: (bundle) => bundle.remove(`${base}/lib/libicuuc.so.76`),
    promise: 'libraries',
    code: 'library-missing',
    words: /bin\/postgres-server(, .+)? needs? libicuuc\.so\.76, which the bundle does not hold/,
  },
  {
    name: 'a library of another soname in its place',
    fault: (bundle) => bundle.move(`${base}/lib/libxml2.so.2`, `${base}/lib/libxml2.so.16`),
    promise: 'libraries',
    code: 'library-missing',
    words:
      /needs? libxml2\.so\.2, which the bundle does not hold where it would be looked for \(storage|\/storage\/v17\/lib/,
  },
  {
    name: 'a library for a module alone that is missing',
    fault: (bundle) => bundle.remove(`${base}/lib/libuuid.so.1`),
    promise: 'libraries',
    code: 'library-missing',
    words: /lib\/uuid-ossp\.so needs libuuid\.so\.1/,
  },
  {
    name: 'a library that libc opens by name and that is missing',
    fault: (bundle) => bundle.remove(`${base}/lib/libgcc_s.so.1`),
    promise: 'libraries',
    code: 'library-missing',
    words: /lib\/libc\.so\.6.* needs? libgcc_s\.so\.1/,
  },
  {
    name: 'an older libc, which lacks symbols that the server needs',
    fault: (bundle, reference) =>
      bundle.take(join(reference, 'storage/v15/lib/libc.so.6'), `${base}/lib/libc.so.6`),
    promise: 'libraries',
    code: 'symbol-version-missing',
    words:
      /bin\/postgres-server.* needs? symbols of version GLIBC_2\.38, which storage\/v17\/lib\/libc\.so\.6 does not define/,
  },
  {
    name: 'a loader outside',
    fault: (bundle) =>
      bundle.alter(
        `${base}/bin/locale`,
        overwrite(`/${base}/lib/ld-linux-x86-64.so.2`, '/lib64/ld-linux-x86-64.so.2'),
      ),
    promise: 'libraries',
    code: 'interpreter-missing',
    words:
      /storage\/v17\/bin\/locale asks for the loader \/lib64\/ld-linux-x86-64\.so\.2, which the bundle does not hold/,
  },
  {
    name: 'a script for a program that is not there',
    fault: (bundle) => bundle.write(`${base}/bin/helper`, '#!/usr/bin/perl -w\n1;\n', 0o755),
    promise: 'scripts',
    code: 'script-interpreter-missing',
    words: /storage\/v17\/bin\/helper is a script for \/usr\/bin\/perl, which the bundle does not hold/,
  },
  {
    name: 'a conversion of the server missing',
    fault: (bundle) => bundle.remove(`${server}/lib/utf8_and_win.so`),
    promise: 'modules',
    code: 'module-missing',
    words: /the module utf8_and_win\.so is missing, which .*postgres\.bki would load/,
  },
  {
    name: 'the module of an extension missing',
    fault: (bundle) => bundle.remove(`${server}/lib/pageinspect.so`),
    promise: 'modules',
    code: 'module-missing',
    words: /the module pageinspect\.so is missing, which .*extension\/pageinspect\.control would load/,
  },
  {
    name: 'a conversion of libc missing',
    fault: (bundle) => bundle.remove(`${base}/gconv/UTF-16.so`),
    promise: 'modules',
    code: 'conversion-missing',
    words: /gconv\/gconv-modules\S* names conversions whose modules are missing beside it: UTF-16\.so/,
  },
  {
    name: 'postgres.bki missing',
    fault: (bundle) => bundle.remove(`${share}/postgres.bki`),
    promise: 'share-files',
    code: 'share-file-missing',
    words: /^postgres\.bki is missing: initdb of v17 begins with it/,
  },
  {
    name: 'the share files of another major',
    fault: (bundle, reference) =>
      bundle.take(join(reference, 'storage/v15/share/postgresql/15/postgres.bki'), `${share}/postgres.bki`),
    promise: 'share-files',
    code: 'share-file-of-other-major',
    words: /postgres\.bki is of PostgreSQL 15, the server of 17\./,
  },
  {
    name: 'the sets of time zone abbreviations missing',
    fault: (bundle) => bundle.remove(`${share}/timezonesets/Default`),
    promise: 'share-files',
    code: 'share-file-missing',
    words: /timezonesets\/Default is missing/,
  },
  {
    name: 'the stop words of a language missing',
    fault: (bundle) => bundle.remove(`${share}/tsearch_data/danish.stop`),
    promise: 'share-files',
    code: 'share-file-missing',
    words: /tsearch_data\/danish\.stop is missing: snowball_create\.sql/,
  },
  {
    name: 'the script of an extension missing',
    fault: (bundle) => bundle.remove(`${share}/extension/amcheck--1.3--1.4.sql`),
    promise: 'share-files',
    code: 'share-file-missing',
    words: /amcheck--1\.4\.sql is missing: amcheck\.control has the default version 1\.4/,
  },
  {
    name: 'all time zones missing',
    fault: (bundle) => bundle.remove(`${base}/tzdata`),
    promise: 'time-zones',
    code: 'time-zone-missing',
    words: /the bundle has no time zones .*compiled in instead of \/usr\/share\/zoneinfo/,
  },
  {
    name: 'UTC missing among the time zones',
    fault: (bundle) => bundle.remove(`${base}/tzdata/UTC`),
    promise: 'time-zones',
    code: 'time-zone-missing',
    words: /the time zones in storage\/v17\/tzdata lack UTC, which every server reads/,
  },
  {
    name: 'no locales',
    fault: (bundle) => bundle.remove(`${base}/lc`),
    promise: 'locales',
    code: 'locale-missing',
    words: /v17 has no compiled locales/,
  },
  {
    name: 'no C.UTF-8 among the locales',
    fault: (bundle) => bundle.remove(`${base}/lc/C.utf8`),
    promise: 'locales',
    code: 'locale-missing',
    words: /v17 has no C\.UTF-8, .* among its \d+ locales, and libc 2\.41 has none built in/,
  },
  {
    name: 'a locale without its order',
    fault: (bundle) => bundle.remove(`${base}/lc/de_DE.utf8/LC_COLLATE`),
    promise: 'locales',
    code: 'locale-incomplete',
    words: /storage\/v17\/lc\/de_DE\.utf8 lacks LC_COLLATE/,
  },
  {
    name: 'no shell',
    fault: (bundle) => bundle.remove('bin/sh'),
    promise: 'accounts',
    code: 'shell-missing',
    words: /the bundle has no \/bin\/sh that can be run/,
  },
  {
    name: 'no entry for the uid that runs it',
    fault: (bundle) => bundle.write('etc/passwd', 'root:x:0:0:root:/:/bin/sh\n'),
    promise: 'accounts',
    code: 'account-missing',
    words: /\/etc\/passwd of the bundle has no entry for uid 65534/,
  },
];

test.group('files of a chroot bundle', (group) => {
  let scratch: TemporaryDirectory;
  let reference: string;
  let sound: string;
  group.setup(async () => {
    scratch = await temporaryDirectory('broken files');
    reference = (await openReference()).directory;
    sound = join(scratch.path, 'sound');
    await smallReference(reference, major, sound);
    return async () => {
      await scratch[Symbol.asyncDispose]();
    };
  });

  test('of the reference bundle are whole, for every major', ({ assert }) => {
    const inventory = takeInventory('chroot', new FolderTree(reference));
    assert.deepEqual([...inventory.servers.keys()], referenceMajors);
    for (const each of referenceMajors) assert.deepEqual(examineInventory(inventory, each), []);
  });

  test('of one with two locales are whole as well', ({ assert }) => {
    assert.deepEqual(examineFiles(sound, 'chroot', major), []);
  });

  for (const [index, { name, fault, promise, code, words }] of chroot.entries()) {
    test(`${name}: found by ${promise}`, async ({ assert }) => {
      const directory = join(scratch.path, `broken-${String(index)}`);
      await linkTree(sound, directory);
      await fault(new Breakable(directory), reference);
      const found = examineFiles(directory, 'chroot', major);
      assert.deepEqual([...new Set(found.map((each) => each.promise))], [promise], JSON.stringify(found));
      assert.include(
        found.map((each) => each.code),
        code,
      );
      assert.isTrue(
        found.some((each) => each.code === code && words.test(each.message)),
        JSON.stringify(found),
      );
    });
  }
});

test.group('files of a static bundle', () => {
  test('are static programs, and nothing else will do', async ({ assert }) => {
    await using scratch = await temporaryDirectory('a static bundle');
    const { directory } = await openReference();
    const binaries = join(directory, server, 'bin');
    const bundle = new Breakable(scratch.path);
    // The walredo launcher stands for a static program; it is no server, which the layout's promise says.
    await bundle.write('v17/initdb', '');
    for (const name of ['initdb', 'postgres']) await bundle.take(join(binaries, 'postgres'), `v17/${name}`);
    const found = examineFiles(scratch.path, 'static', major);
    assert.deepEqual(
      found.map(({ code }) => code),
      ['server-not-found'],
    );

    await bundle.take(join(binaries, 'initdb'), 'v17/initdb');
    const dynamic = examineFiles(scratch.path, 'static', major).find(({ code }) => code === 'not-static');
    assert.match(
      dynamic?.message ?? '',
      /^v17\/initdb is not statically linked: it asks for the loader \/storage\/v17\/lib\/ld-linux-x86-64\.so\.2 and needs libpq\.so\.5, /,
    );

    await bundle.write('v17/initdb', '#!/bin/sh\n', 0o755);
    assert.match(
      examineFiles(scratch.path, 'static', major).find(({ code }) => code === 'not-static')?.message ?? '',
      /v17\/initdb is not statically linked: it is no ELF program/,
    );

    await bundle.remove('v17/initdb');
    assert.match(
      examineFiles(scratch.path, 'static', major).find(({ code }) => code === 'file-missing')?.message ?? '',
      /v17\/initdb is missing: the interface has a plain file of that name/,
    );
  });
});

test.group('files of a pg-install bundle', () => {
  test('lean on the host: what it lacks is found, what it gives is told', async ({ assert }) => {
    await using scratch = await temporaryDirectory('a pg-install bundle');
    const out = join(scratch.path, 'bundle.tar.zst');
    await buildPgInstall({ majors: [major], out, progress: silent });
    const { directory, layout } = await openBundle(out, silent);
    const root = await ensureRoot(hostRecipe('debian:11'), silent);
    // The languages' interpreters are nobody's business but the host's, and no host here has them.
    const words = examineFiles(directory, layout, major, new FolderTree(root.path)).map(
      ({ code, message }) => `${code}: ${/needs? (\S+),/.exec(message)?.[1] ?? message}`,
    );
    assert.deepEqual(words, [
      'library-missing: libperl.so.5.26',
      'library-missing: libpython3.6m.so.1.0',
      'library-missing: libtcl8.6.so',
    ]);

    const bare = join(scratch.path, 'bare');
    const host = new Breakable(bare);
    await host.write('etc/passwd', 'root:x:0:0::/:\n');
    const onBare = examineFiles(directory, layout, major, new FolderTree(bare));
    for (const [code, pattern] of [
      [
        'interpreter-missing',
        /bin\/initdb, .* ask for the loader \/lib64\/ld-linux-x86-64\.so\.2, which neither the bundle nor the host has/,
      ],
      ['library-missing', /libstdc\+\+\.so\.6, which neither the bundle nor the host has/],
      ['shell-missing', /the host has no \/bin\/sh/],
      ['account-missing', /\/etc\/passwd of the host has no entry for uid 65534/],
    ] as const)
      assert.isTrue(
        onBare.some((each) => each.code === code && pattern.test(each.message)),
        `${code} in ${JSON.stringify(onBare)}`,
      );

    const bundle = new Breakable(join(scratch.path, 'copy'));
    await linkTree(directory, bundle.directory);
    await bundle.remove('v17/lib/postgresql/plpgsql.so');
    await bundle.link('v17/lib/libz.so.1', '/usr/lib/x86_64-linux-gnu/libz.so.1');
    await bundle.remove('v17/share/postgresql/timezone');
    const codes = examineFiles(bundle.directory, layout, major, new FolderTree(root.path)).map(
      ({ code }) => code,
    );
    for (const code of ['module-missing', 'link-outside', 'time-zone-missing'] as const)
      assert.include(codes, code);
  });
});
