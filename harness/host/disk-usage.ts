import { execa } from 'execa';

/** Disk space that a folder takes, hard links counted once. */
export async function diskUsageBytes(directory: string): Promise<number> {
  const { stdout } = await execa('du', ['--summarize', '--block-size=1', directory], { reject: false });
  return Number.parseInt(stdout, 10) || 0;
}
