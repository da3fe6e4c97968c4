import { test } from '@japa/runner';

import { TarFrame } from '../../../harness/host/archive/tar-frame.ts';
import { codeOf } from '../../support/error-code.ts';
import { gnuLongName, paxHeader, rawTar } from '../support/raw-tar.ts';

const sound = rawTar(
  paxHeader([['comment', 'for all']], 'g'),
  { name: 'a/', type: '5' },
  paxHeader([['path', 'a/file']]),
  { name: 'a/file', content: 'x'.repeat(1000) },
  gnuLongName('L', 'a/'.repeat(100)),
  { name: 'long', content: 'y' },
  { name: 'last', type: '2', linkName: 'a' },
);

function frameOf(...chunks: readonly Buffer[]): TarFrame {
  const frame = new TarFrame('some.tar');
  for (const chunk of chunks) frame.push(chunk);
  return frame;
}

test.group('TarFrame', () => {
  test('follows a tar to its end, wherever it is split', ({ assert }) => {
    for (let at = 0; at <= sound.length; at++) {
      const frame = frameOf(sound.subarray(0, at), sound.subarray(at));
      frame.finish();
      assert.isTrue(frame.hasEnded);
      assert.equal(frame.entry, 'last');
    }
  });

  test('is not at the end anywhere before it, and says where it is', ({ assert }) => {
    // One block of zeros at the end is enough.
    for (let at = 0; at < sound.length - 512; at++) {
      const frame = frameOf(sound.subarray(0, at));
      assert.equal(
        codeOf(() => frame.finish()),
        'not-a-tarball',
        `cut at ${String(at)}`,
      );
    }
    assert.equal(frameOf().place, 'before its first entry');
    assert.equal(frameOf(sound.subarray(0, 1024 + 512)).place, 'behind entry "a/"');
    assert.equal(frameOf(sound.subarray(0, 1024 + 512 + 1024 + 512 + 10)).place, 'inside entry "a/file"');
  });

  test('finds the same fault wherever the bytes are split', ({ assert }) => {
    const hostile = rawTar(
      { name: 'first' },
      paxHeader([
        ['comment', 'x'.repeat(600)],
        ['size', '0'],
      ]),
      { name: 'innocent', content: 'contents' },
    );
    for (let at = 0; at <= hostile.length; at++) {
      assert.equal(
        codeOf(() => frameOf(hostile.subarray(0, at), hostile.subarray(at))),
        'archive-extended-header',
      );
    }
  });

  test('notices every flipped bit that a checksum is over', ({ assert }) => {
    const tar = rawTar({ name: 'file', content: 'x' });
    for (let bit = 0; bit < 512 * 8; bit++) {
      // The checksum's own field: a zero before its digits may as well be a space.
      if (bit >> 3 >= 148 && bit >> 3 < 156) continue;
      const damaged = Buffer.from(tar);
      damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const code = codeOf(() => {
        frameOf(damaged).finish();
      });
      assert.equal(code, 'not-a-tarball', `bit ${String(bit)}`);
    }
  });
});
