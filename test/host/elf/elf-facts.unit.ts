import { test } from '@japa/runner';
import * as fc from 'fast-check';

import { readElfFile } from '../../../harness/host/elf/elf-facts.ts';
import { bufferSource, piecesSource } from '../../../harness/host/elf/elf-source.ts';
import { RedoubtError } from '../../../harness/error.ts';
import { codeOf } from '../../support/error-code.ts';
import { buildVersionedElf, type VersionedElfContent } from '../support/versioned-elf-builder.ts';

const library: VersionedElfContent = {
  soname: 'libicuuc.so.76',
  needed: ['libc.so.6', 'libstdc++.so.6'],
  runpath: '$ORIGIN',
  neededVersions: [
    { library: 'libc.so.6', versions: [{ name: 'GLIBC_2.2.5' }, { name: 'GLIBC_2.34', isWeak: true }] },
    { library: 'libstdc++.so.6', versions: [{ name: 'CXXABI_1.3' }] },
  ],
  definedVersions: ['libicuuc.so.76', 'ICU_76', 'ICU_77'],
  kernelFloor: [3, 2, 0],
  buildId: 'c0ffee',
  comments: ['GCC: (Debian 14.2.0-19) 14.2.0', 'GCC: (Debian 12.2.0-14) 12.2.0'],
};

function read(content: VersionedElfContent): ReturnType<typeof readElfFile> {
  return readElfFile(bufferSource(buildVersionedElf(content)));
}

function linkageOf(content: VersionedElfContent): string {
  const file = read(content);
  return file.kind === 'foreign' ? 'foreign' : file.facts.linkage;
}

test.group('readElfFile', () => {
  test('reads what a library needs, defines and says of itself', ({ assert }) => {
    assert.deepEqual(read(library), {
      kind: 'native',
      identity: { bits: 64, byteOrder: 'little-endian', machine: 'x86-64' },
      facts: {
        interpreter: undefined,
        soname: 'libicuuc.so.76',
        needed: ['libc.so.6', 'libstdc++.so.6'],
        rpath: undefined,
        runpath: '$ORIGIN',
        linkage: 'library',
        neededVersions: [
          { library: 'libc.so.6', version: 'GLIBC_2.2.5', isWeak: false },
          { library: 'libc.so.6', version: 'GLIBC_2.34', isWeak: true },
          { library: 'libstdc++.so.6', version: 'CXXABI_1.3', isWeak: false },
        ],
        definedVersions: ['ICU_76', 'ICU_77'],
        kernelFloor: '3.2.0',
        buildId: 'c0ffee',
        comments: ['GCC: (Debian 12.2.0-14) 12.2.0', 'GCC: (Debian 14.2.0-19) 14.2.0'],
        opensLibraries: false,
      },
    });
  });

  test('tells static programs from dynamic ones and from libraries', ({ assert }) => {
    assert.equal(linkageOf({ type: 2 }), 'static');
    assert.equal(linkageOf({ type: 3, isPie: true }), 'static-pie');
    assert.equal(
      linkageOf({ type: 3, isPie: true, interpreter: '/lib/ld', needed: ['libc.so.6'] }),
      'dynamic',
    );
    assert.equal(linkageOf({ type: 2, interpreter: '/lib/ld', needed: ['libc.so.6'] }), 'dynamic');
    assert.equal(linkageOf({ type: 3, needed: ['libc.so.6'] }), 'library');
    // libc.so.6 can be run, and is a library.
    assert.equal(linkageOf({ type: 3, soname: 'libc.so.6', interpreter: '/lib/ld' }), 'library');
  });

  test('tells for which machine a file is, and reads no more of another one', ({ assert }) => {
    const arm = read({ ...library, machine: 183 });
    assert.deepEqual(arm, {
      kind: 'foreign',
      identity: { bits: 64, byteOrder: 'little-endian', machine: 'aarch64' },
    });
    const bytes = buildVersionedElf(library);
    bytes.writeUInt8(1, 4);
    assert.equal(readElfFile(bufferSource(bytes)).identity.bits, 32);
    bytes.writeUInt8(2, 5);
    assert.equal(readElfFile(bufferSource(bytes)).identity.byteOrder, 'big-endian');
  });

  test('reads the same in pieces, wherever they are cut', ({ assert }) => {
    const bytes = buildVersionedElf(library);
    const whole = read(library);
    for (let at = 0; at <= bytes.length; at++) {
      const pieces = [bytes.subarray(0, at), bytes.subarray(at, at + 3), bytes.subarray(at + 3)];
      assert.deepEqual(readElfFile(piecesSource(pieces)), whole, `cut at ${String(at)}`);
    }
    assert.equal(
      codeOf(() => piecesSource([bytes, bytes]).slice(bytes.length, bytes.length + 1)),
      'elf-invalid',
    );
  });

  test('notices who opens libraries by name', ({ assert }) => {
    const file = read({ needed: ['dlopen'] });
    assert.isTrue(file.kind === 'native' && file.facts.opensLibraries);
  });

  test('refuses every truncation that cuts what is loaded', ({ assert }) => {
    const bytes = buildVersionedElf({ ...library, comments: [] });
    for (let length = 0; length < bytes.length; length++) {
      assert.equal(
        codeOf(() => readElfFile(bufferSource(bytes.subarray(0, length)))),
        'elf-invalid',
        `cut at ${String(length)}`,
      );
    }
  });

  test('ends with a chain of versions that goes in circles', ({ assert }) => {
    const bytes = buildVersionedElf(library);
    // The first entry of .gnu.version_d leads to itself, and claims to be many.
    const at = bytes.indexOf(Buffer.from('0100010001000100', 'hex'));
    assert.isAbove(at, 0);
    const count = bytes.indexOf(Buffer.from('fdffff6f00000000', 'hex'));
    bytes.writeBigUInt64LE(2n ** 40n, count + 8);
    bytes.writeUInt32LE(1, at + 16);
    assert.equal(
      codeOf(() => readElfFile(bufferSource(bytes))),
      'elf-invalid',
    );
  });

  test('answers or refuses whatever bytes are changed, and throws nothing else', () => {
    const sound = buildVersionedElf(library);
    const change = fc.tuple(
      fc.nat(sound.length - 1),
      fc.oneof(fc.constantFrom(0, 1, 0x7f, 0x80, 0xff), fc.integer({ min: 0, max: 255 })),
    );
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 12 }), (changes) => {
        const bytes = Buffer.from(sound);
        for (const [at, value] of changes) bytes.writeUInt8(value, at);
        try {
          readElfFile(bufferSource(bytes));
        } catch (error) {
          if (!(error instanceof RedoubtError)) throw error;
        }
      }),
      { numRuns: 3000 },
    );
  });
});
