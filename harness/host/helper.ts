import { join } from 'node:path';

import { ensureNativeProgram, type NativeProgram } from './native-program.ts';
import type { Progress } from './progress.ts';

const enter: NativeProgram = { name: 'enter', sourceDirectory: join(import.meta.dirname, 'native') };

/** The path of the native helper `enter` of the chroot engine. Throws what `ensureNativeProgram` throws. */
export function ensureHelper(progress: Progress): Promise<string> {
  return ensureNativeProgram(enter, progress);
}
