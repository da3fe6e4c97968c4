import { test } from '@japa/runner';
import * as fc from 'fast-check';

import { isElf, readElfDynamic } from '../../../harness/host/elf/elf-dynamic.ts';
import { RedoubtError } from '../../../harness/error.ts';
import { codeOf } from '../../support/error-code.ts';
import { buildElf } from '../support/elf-builder.ts';

const program = buildElf({
  interpreter: '/lib64/ld-linux-x86-64.so.2',
  needed: ['libc.so.6', 'libicuuc.so.72'],
  rpath: '/storage/v15/lib',
});

test.group('readElfDynamic', () => {
  test('reads what a program needs', ({ assert }) => {
    assert.deepEqual(readElfDynamic(program), {
      interpreter: '/lib64/ld-linux-x86-64.so.2',
      soname: undefined,
      needed: ['libc.so.6', 'libicuuc.so.72'],
      rpath: '/storage/v15/lib',
      runpath: undefined,
    });
  });

  test('reads a library', ({ assert }) => {
    assert.deepEqual(readElfDynamic(buildElf({ soname: 'libx.so.1', needed: [], runpath: '$ORIGIN' })), {
      interpreter: undefined,
      soname: 'libx.so.1',
      needed: [],
      rpath: undefined,
      runpath: '$ORIGIN',
    });
  });

  test('refuses what is no 64-bit little-endian ELF file', ({ assert }) => {
    const bigEndian = Buffer.from(program);
    bigEndian.writeUInt8(2, 5);
    for (const bytes of [Buffer.alloc(0), Buffer.from('#!/bin/sh\n'), bigEndian]) {
      assert.equal(
        codeOf(() => readElfDynamic(bytes)),
        'elf-invalid',
      );
    }
    assert.isTrue(isElf(program));
    assert.isFalse(isElf(Buffer.from('#!/bin/sh')));
  });

  test('refuses every truncation', ({ assert }) => {
    for (let length = 0; length < program.length; length++) {
      assert.equal(
        codeOf(() => readElfDynamic(program.subarray(0, length))),
        'elf-invalid',
        `cut at ${length}`,
      );
    }
  });

  test('answers or refuses whatever bytes are changed, and throws nothing else', () => {
    const change = fc.tuple(fc.nat(program.length - 1), fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 8 }), (changes) => {
        const bytes = Buffer.from(program);
        for (const [at, value] of changes) bytes.writeUInt8(value, at);
        try {
          readElfDynamic(bytes);
        } catch (error) {
          if (!(error instanceof RedoubtError)) throw error;
        }
      }),
      { numRuns: 3000 },
    );
  });
});
