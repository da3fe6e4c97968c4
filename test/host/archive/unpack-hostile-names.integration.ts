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
import { gnuLongName } from '../support/raw-tar.ts';

/* Names and links by which an archive would write outside of its folder, or over what it has written. */

const nameArchives: readonly HostileArchive[] = [
  hostile('.. before a name', [file('../outside')], 'parent-reference', '../outside', /"\.\."/),
  hostile('.. inside a name', [file('a/../../outside')], 'parent-reference', 'a/../../outside', /"\.\."/),
  hostile('a folder named ..', [folder('../')], 'parent-reference', '../', /"\.\."/),
  hostile('an absolute name', (watched) => [file(join(watched, 'x'))], 'absolute-name', '/x', /absolute/),
  hostile('two slashes before a name', [file('//outside')], 'absolute-name', '//outside', /absolute/),
  hostile(
    'a prefix field with ..',
    [{ ...file('outside'), prefix: 'a/..' }],
    'parent-reference',
    'a/../outside',
    /"\.\."/,
  ),
  hostile('a newline in a name', [file('a\nb')], 'control-character', 'a\\nb', /control character/),
  hostile('an escape in a name', [file('\u001b[2J')], 'control-character', '\\u001b[2J', /control character/),
  hostile(
    'a mark of direction in a name',
    [file('gpj\u202esh')],
    'control-character',
    'gpj\\u202esh',
    /direction/,
  ),
  hostile('a name that is not UTF-8', [file(Buffer.from([0x61, 0xff, 0xfe]))], 'name-not-utf8', 'a', /UTF-8/),
  hostile('no name', [file('')], 'empty-name', '', /has no name/),
  hostile("a file with a folder's name", [file('d/')], 'empty-name', 'd/', /folder's name/),
  hostile(
    'a name longer than Linux has',
    [gnuLongName('L', 'n'.repeat(256)), file('n')],
    'name-too-long',
    'nnn',
    /too long/,
  ),
  hostile(
    'a path longer than Linux has',
    [gnuLongName('L', `${'n'.repeat(255)}/`.repeat(8) + 'n'), file('n')],
    'name-too-long',
    'nnn',
    /too long/,
  ),
  hostile(
    'a path deeper than allowed',
    [file('a/b/c/d/e/f/g/h/i/j/k')],
    'too-deep',
    'a/b/c/d/e/f/g/h/i/j/k',
    /deeper than the 10/,
  ),
  hostile('a name twice', [file('a'), file('a')], 'duplicate-name', 'a', /twice/),
  hostile('a name twice, spelt with ./', [file('a/b'), file('./a/b')], 'duplicate-name', './a/b', /twice/),
  hostile('a name twice, spelt with //', [file('a/b'), file('a//b')], 'duplicate-name', 'a//b', /twice/),
  hostile('a file over a folder', [folder('a'), file('a')], 'duplicate-name', 'a', /twice/),
  hostile('a folder over a file', [file('a'), folder('a')], 'duplicate-name', 'a', /twice/),
  hostile(
    'a file below a file',
    [file('a'), file('a/b')],
    'parent-not-a-folder',
    'a/b',
    /through a, which is a file/,
  ),
];

const linkArchives: readonly HostileArchive[] = [
  hostile('a link out', [symbolic('l', '../secret')], 'link-out', 'l', /"\.\.\/secret", outside/),
  hostile(
    'a link to what only the host has',
    (watched) => [symbolic('l', join(watched, 'secret'))],
    'link-out',
    'l',
    /does not hold/,
  ),
  hostile('a link up and down again', [symbolic('l', '../inside/LAUNCHER')], 'link-out', 'l', /outside/),
  hostile(
    'a link out through an earlier link',
    [folder('x/y'), symbolic('d', 'x/y'), symbolic('e', 'd/../../..')],
    'link-out',
    'e',
    /outside/,
  ),
  hostile(
    'a link out through a later link',
    [symbolic('e', 'd/../..'), symbolic('d', '.')],
    'link-out',
    'e',
    /outside/,
  ),
  hostile(
    'a file through a link out',
    [symbolic('d', '..'), file('d/outside')],
    'parent-not-a-folder',
    'd/outside',
    /through d, which is a symlink/,
  ),
  hostile(
    'a file through a link that stays inside',
    [folder('b'), symbolic('d', 'b'), file('d/x')],
    'parent-not-a-folder',
    'd/x',
    /symlink/,
  ),
  hostile(
    'a folder that becomes a link',
    [folder('d'), symbolic('d', '..'), file('d/outside')],
    'duplicate-name',
    'd',
    /twice/,
  ),
  hostile('a file over a link out', [symbolic('l', '../secret'), file('l')], 'duplicate-name', 'l', /twice/),
  hostile('a folder over a link out', [symbolic('l', '..'), folder('l')], 'duplicate-name', 'l', /twice/),
  hostile('a link with a newline', [symbolic('l', 'a\nb')], 'link-out', 'l', /"a\\nb", which is no path/),
  hostile('a link that is not UTF-8', [symbolic('l', Buffer.from([0xff]))], 'link-out', 'l', /no path/),
  hostile('an empty link', [symbolic('l', '')], 'link-out', 'l', /no path/),
  hostile(
    'a long link name that leads out',
    [gnuLongName('K', `${'a/'.repeat(80)}${'../'.repeat(81)}secret`), symbolic('l', 'LAUNCHER')],
    'link-out',
    'l',
    /outside/,
  ),
  hostile(
    'a hard link to a file outside',
    [hard('h', '../secret')],
    'hard-link-out',
    'h',
    /"\.\.\/secret", no earlier file/,
  ),
  hostile(
    'an absolute hard link',
    (watched) => [hard('h', join(watched, 'secret'))],
    'hard-link-out',
    'h',
    /no earlier file/,
  ),
  hostile(
    'a hard link to a later file',
    [hard('h', 'later'), file('later')],
    'hard-link-out',
    'h',
    /"later", no earlier/,
  ),
  hostile(
    'a hard link to a link out',
    [symbolic('l', '../secret'), hard('h', 'l')],
    'hard-link-out',
    'h',
    /no earlier file/,
  ),
  hostile(
    'a hard link through a link out',
    [symbolic('l', '..'), hard('h', 'l/secret')],
    'hard-link-out',
    'h',
    /no earlier file/,
  ),
  hostile('a hard link to a folder', [folder('d'), hard('h', 'd')], 'hard-link-out', 'h', /no earlier file/),
];

test.group('archives with hostile names and links', () => {
  test('{what}: refused by name, and nothing outside is touched')
    .with([...nameArchives, ...linkArchives])
    .run(({ assert }, archive) => assertRefused(assert, archive));
});
