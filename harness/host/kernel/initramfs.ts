/** One entry of an initramfs; `numbers` are those of a character device. */
export type InitramfsEntry =
  | { readonly kind: 'folder'; readonly path: string }
  | { readonly kind: 'file'; readonly path: string; readonly bytes: Buffer; readonly executable: boolean }
  | { readonly kind: 'device'; readonly path: string; readonly numbers: readonly [number, number] };

const nothing = Buffer.alloc(0);

/**
 * An initramfs as the kernel unpacks it: a cpio archive of the kind "newc", not compressed
 * (Documentation/driver-api/early-userspace/buffer-format.rst). A folder must come before what is in it.
 */
export function initramfs(entries: readonly InitramfsEntry[]): Buffer {
  const parts = entries.map((entry, index) => {
    const inode = index + 1;
    switch (entry.kind) {
      case 'folder':
        return archived(entry.path, inode, 0o40_755, nothing, [0, 0]);
      case 'file':
        return archived(entry.path, inode, entry.executable ? 0o100_755 : 0o100_644, entry.bytes, [0, 0]);
      case 'device':
        return archived(entry.path, inode, 0o20_600, nothing, entry.numbers);
    }
  });
  return Buffer.concat([...parts, archived('TRAILER!!!', 0, 0, nothing, [0, 0])]);
}

function archived(
  path: string,
  inode: number,
  mode: number,
  bytes: Buffer,
  [major, minor]: readonly [number, number],
): Buffer {
  const name = Buffer.from(`${path}\0`);
  const fields = [inode, mode, 0, 0, 1, 0, bytes.length, 0, 0, major, minor, name.length, 0];
  const header = `070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}`;
  return Buffer.concat([padded(Buffer.concat([Buffer.from(header, 'latin1'), name])), padded(bytes)]);
}

/** To a multiple of four bytes. */
function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
}
