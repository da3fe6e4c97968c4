import { test } from '@japa/runner';

import { initramfs } from '../../../harness/host/kernel/initramfs.ts';

interface Unpacked {
  readonly name: string;
  readonly mode: string;
  readonly device: readonly [number, number];
  readonly text: string;
}

/** Reads an archive by the format's description: 110 bytes of header in hex, name and content padded to 4 bytes. */
function unpack(archive: Buffer): readonly Unpacked[] {
  const found: Unpacked[] = [];
  for (let at = 0; at < archive.length;) {
    const field = (index: number): number =>
      Number.parseInt(archive.toString('latin1', at + 6 + 8 * index, at + 14 + 8 * index), 16);
    const [mode, size, nameSize] = [field(1), field(6), field(11)];
    const device = [field(9), field(10)] as const;
    const content = (at + 110 + nameSize + 3) & ~3;
    found.push({
      name: `${archive.toString('latin1', at, at + 6)} ${archive.toString('latin1', at + 110, at + 109 + nameSize)}`,
      mode: mode.toString(8),
      device,
      text: archive.toString('utf8', content, content + size),
    });
    at = (content + size + 3) & ~3;
  }
  return found;
}

test('an initramfs is a newc archive: every entry, its bytes, and the trailer', ({ assert }) => {
  const archive = initramfs([
    { kind: 'folder', path: 'dev' },
    { kind: 'device', path: 'dev/console', numbers: [5, 1] },
    { kind: 'file', path: 'init', bytes: Buffer.from('run'), executable: true },
    { kind: 'file', path: 'a', bytes: Buffer.from('four'), executable: false },
    { kind: 'file', path: 'empty', bytes: Buffer.alloc(0), executable: false },
  ]);
  assert.equal(archive.length % 4, 0);
  assert.deepEqual(unpack(archive), [
    { name: '070701 dev', mode: '40755', device: [0, 0], text: '' },
    { name: '070701 dev/console', mode: '20600', device: [5, 1], text: '' },
    { name: '070701 init', mode: '100755', device: [0, 0], text: 'run' },
    { name: '070701 a', mode: '100644', device: [0, 0], text: 'four' },
    { name: '070701 empty', mode: '100644', device: [0, 0], text: '' },
    { name: '070701 TRAILER!!!', mode: '0', device: [0, 0], text: '' },
  ]);
});
