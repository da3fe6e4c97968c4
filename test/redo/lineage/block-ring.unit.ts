import { test } from '@japa/runner';

import { BlockReceiver, BlockSender, newBlockRing } from '../../../harness/redo/lineage/block-ring.ts';

/** What a receiver wrote, by descriptor. */
class Files {
  readonly #files = new Map<number, Buffer[]>();

  readonly write = (descriptor: number, bytes: Uint8Array): void => {
    const pieces = this.#files.get(descriptor) ?? [];
    pieces.push(Buffer.from(bytes));
    this.#files.set(descriptor, pieces);
  };

  of(descriptor: number): Buffer {
    return Buffer.concat(this.#files.get(descriptor) ?? []);
  }
}

test.group('a ring of blocks', () => {
  test('gives what was sent to each descriptor, in order, many times around', ({ assert }) => {
    const ring = newBlockRing();
    const [sender, files] = [new BlockSender(ring), new Files()];
    const receiver = new BlockReceiver(ring, files.write);
    const sent = new Map<number, Buffer[]>([
      [3, []],
      [4, []],
    ]);
    for (let index = 0; index < 300; index++) {
      const bytes = Buffer.alloc(1 + ((index * 7919) % 200_000), index);
      const descriptor = 3 + (index % 2);
      sender.send(descriptor, bytes);
      sent.get(descriptor)?.push(bytes);
      if (index % 10 === 9) receiver.writeAvailable();
    }
    receiver.writeAvailable();
    for (const [descriptor, pieces] of sent)
      assert.isTrue(files.of(descriptor).equals(Buffer.concat(pieces)));
  });

  test('tells the sender that nobody writes any more, full or not', ({ assert }) => {
    const ring = newBlockRing();
    const sender = new BlockSender(ring);
    sender.send(3, Buffer.alloc(64 * (64 << 10)));
    new BlockReceiver(ring, () => undefined).fail();
    assert.throws(() => {
      sender.send(3, Buffer.alloc(1));
    }, /has failed/);
    assert.throws(() => {
      sender.finish();
    }, /has failed/);
  });
});
