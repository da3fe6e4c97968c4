import { join } from 'node:path';

import { test } from '@japa/runner';

import {
  assertRefused,
  file,
  folder,
  hard,
  hostile,
  symbolic,
  type HostileArchive,
} from '../support/hostile-archive.ts';
import { binarySize, changedHeader, gnuLongName, paxHeader, rawEntry, tarEnd } from '../support/raw-tar.ts';

/*
 * Entries that are no files, rights that a bundle has no use for, headers by which others would see another archive than
 * the one that is unpacked, and archives that ask for too much.
 */

const typeArchives: readonly HostileArchive[] = [
  hostile('a character device', [{ name: 'd', type: '3' }], 'special-file', 'd', /character-device/),
  hostile('a block device', [{ name: 'd', type: '4' }], 'special-file', 'd', /block-device/),
  hostile('a fifo', [{ name: 'f', type: '6' }], 'special-file', 'f', /fifo/),
  hostile('a socket, as some write it', [{ name: 's', type: 's' }], 'special-file', 's', /unknown type/),
  hostile('a setuid file', [{ ...file('s'), mode: 0o4755 }], 'set-user-id', 's', /setuid/),
  hostile('a setgid file', [{ ...file('s'), mode: 0o2755 }], 'set-user-id', 's', /setgid/),
  hostile('a sticky file', [{ ...file('s'), mode: 0o1755 }], 'set-user-id', 's', /sticky/),
  hostile('a setgid folder', [{ ...folder('s'), mode: 0o2755 }], 'set-user-id', 's', /setgid/),
  hostile(
    'file capabilities',
    [paxHeader([['SCHILY.xattr.security.capability', 'x']]), file('s')],
    'file-capabilities',
    's',
    /capabilities/,
  ),
  hostile(
    "GNU's old sparse file",
    [{ name: 's', type: 'S', magic: 'ustar  \u0000' }],
    'sparse',
    's',
    /sparse/,
  ),
  hostile(
    'a sparse file of PAX',
    [
      paxHeader([
        ['GNU.sparse.major', '1'],
        ['GNU.sparse.name', '../outside'],
      ]),
      file('GNUSparseFile.0/s'),
    ],
    'sparse',
    'PaxHeaders/next',
    /sparse/,
  ),
  hostile('the volume of a set', [{ name: 'm', type: 'M' }], 'special-file', 'm', /unknown type/),
];

const headerArchives: readonly HostileArchive[] = [
  hostile(
    'a PAX path out',
    [paxHeader([['path', '../outside']]), file('inside')],
    'parent-reference',
    '../outside',
    /"\.\."/,
  ),
  hostile(
    'an absolute PAX path',
    (watched) => [paxHeader([['path', join(watched, 'x')]]), file('inside')],
    'absolute-name',
    '/x',
    /absolute/,
  ),
  hostile(
    'a PAX path with a NUL',
    [paxHeader([['path', 'a\u0000/../../outside']]), file('inside')],
    'control-character',
    'a\\u0000',
    /control character/,
  ),
  hostile(
    'a PAX link path out',
    [paxHeader([['linkpath', '../secret']]), symbolic('l', 'LAUNCHER')],
    'link-out',
    'l',
    /outside/,
  ),
  hostile(
    'a PAX link path out of a hard link',
    [paxHeader([['linkpath', '../secret']]), hard('h', 'LAUNCHER')],
    'hard-link-out',
    'h',
    /no earlier file/,
  ),
  hostile(
    'a PAX size that hides an entry',
    [paxHeader([['size', '0']]), { ...file('innocent'), content: rawEntry(file('../outside')) }],
    'extended-header',
    'PaxHeaders/next',
    /another size/,
  ),
  hostile(
    'a global path',
    [paxHeader([['path', 'everything']], 'g'), file('a')],
    'extended-header',
    'PaxHeaders/next',
    /every entry the same path/,
  ),
  hostile(
    'a global size',
    [paxHeader([['size', '0']], 'g'), file('a')],
    'extended-header',
    'PaxHeaders/next',
    /another size/,
  ),
  hostile(
    'two global headers',
    [paxHeader([['comment', 'a']], 'g'), paxHeader([['comment', 'b']], 'g'), file('a')],
    'extended-header',
    'PaxHeaders/next',
    /second of its kind/,
  ),
  hostile(
    'two PAX headers for one entry',
    [paxHeader([['path', 'a']]), paxHeader([['path', 'b']]), file('c')],
    'extended-header',
    'PaxHeaders/next',
    /second of its kind/,
  ),
  hostile(
    'a PAX record twice',
    [
      paxHeader([
        ['path', 'a'],
        ['path', 'b'],
      ]),
      file('c'),
    ],
    'extended-header',
    'PaxHeaders/next',
    /record twice/,
  ),
  hostile(
    'a PAX record with a wrong length',
    [rawEntry({ name: 'PaxHeaders/next', type: 'x', content: '99 path=a\n' }), file('c')],
    'extended-header',
    'PaxHeaders/next',
    /malformed/,
  ),
  hostile(
    'a PAX header of megabytes',
    [paxHeader([['comment', 'x'.repeat(70_000)]]), file('c')],
    'extended-header',
    'PaxHeaders/next',
    /more than 65536/,
  ),
  hostile(
    'a PAX header that claims gigabytes',
    [rawEntry({ name: 'PaxHeaders/next', type: 'x', size: 0o17777777777 }), file('c')],
    'extended-header',
    'PaxHeaders/next',
    /2147483647 bytes/,
  ),
  hostile(
    'a PAX header of nothing',
    [file('a'), paxHeader([['path', 'b']])],
    'extended-header',
    'PaxHeaders/next',
    /followed by no entry/,
  ),
  hostile(
    "GNU's long name out",
    [gnuLongName('L', '../outside'), file('inside')],
    'parent-reference',
    '../outside',
    /"\.\."/,
  ),
  hostile(
    "two of GNU's long names for one entry",
    [gnuLongName('L', 'a'), gnuLongName('L', 'b'), file('c')],
    'extended-header',
    '././@LongLink',
    /second of its kind/,
  ),
  hostile(
    "a second name behind GNU's long name",
    [gnuLongName('L', 'a\u0000../outside'), file('c')],
    'extended-header',
    '././@LongLink',
    /behind the end/,
  ),
  hostile(
    'a negative size',
    [{ ...file('n'), size: binarySize(-512n) }],
    'number',
    'n',
    /impossible size -512/,
  ),
  hostile(
    'a size beyond all numbers',
    [{ ...file('n'), size: binarySize(2n ** 70n) }],
    'number',
    'n',
    /impossible size 1180591620717411303424/,
  ),
  hostile(
    'a size that is no number',
    [{ ...file('n'), size: Buffer.from('0000000x000\u0000') }],
    'number',
    'n',
    /no number/,
  ),
  hostile(
    'a mode that is no number',
    [changedHeader({ name: 'm' }, 100, 'x')],
    'number',
    'm',
    /a mode that is no number/,
  ),
  hostile(
    'an owner whom Linux cannot have',
    [changedHeader({ name: 'o' }, 108, Buffer.from([0x80, 0, 1, 0, 0, 0, 0, 0]))],
    'number',
    'o',
    /impossible owner 1099511627776/,
  ),
  hostile(
    'a time that is no number',
    [changedHeader({ name: 't' }, 140, '?')],
    'number',
    't',
    /a time that is no number/,
  ),
  hostile(
    'a folder with contents',
    [{ ...folder('d'), content: rawEntry(file('../outside')) }],
    'contents',
    'd',
    /is no file, and has contents of 1024/,
  ),
  hostile(
    'a link with contents',
    [{ ...symbolic('l', 'LAUNCHER'), content: rawEntry(file('../outside')) }],
    'contents',
    'l',
    /contents/,
  ),
  hostile(
    'a hard link with contents',
    [{ ...hard('h', 'LAUNCHER'), content: 'other' }],
    'contents',
    'h',
    /contents/,
  ),
  hostile(
    'entries behind the end',
    [file('last'), tarEnd, file('hidden')],
    'trailing-data',
    'last',
    /more follows at byte 3072/,
  ),
  hostile(
    'entries behind one block of zeros',
    [file('last'), Buffer.alloc(512), file('hidden')],
    'trailing-data',
    'last',
    /more follows/,
  ),
];

const bombs: readonly HostileArchive[] = [
  hostile(
    'a file that is too large',
    [{ name: 'b', content: 'x'.repeat(100_001) }],
    'too-large',
    'b',
    /100000 bytes allowed/,
  ),
  hostile(
    'files that are too large together',
    Array.from({ length: 11 }, (_, at) => file(`b${at}`, 'x'.repeat(10_000))),
    'too-large',
    'b9',
    /100000 bytes allowed/,
  ),
  hostile(
    'too many entries',
    Array.from({ length: 50 }, (_, at) => file(`b${at}`)),
    'too-many-entries',
    'b49',
    /one more than the 50/,
  ),
];

test.group('archives with hostile headers', () => {
  test('{what}: refused by name, and nothing outside is touched')
    .with([...typeArchives, ...headerArchives, ...bombs])
    .run(({ assert }, archive) => assertRefused(assert, archive));
});
