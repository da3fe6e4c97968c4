/** Whether a program's words say that the disk is full. */
export function isDiskFull(text: string): boolean {
  return /No space left on device|Disk quota exceeded/.test(text);
}

export const diskFullRemedy = 'Free some disk space, or set TMPDIR or REDOUBT_CACHE to a larger disk.';
