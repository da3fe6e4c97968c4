import type { ReplayFault } from './replay-fault.ts';

const keptLines = 20;
const keptCharacters = 64 * 1024;

/** What one process said on stderr: the end of it, and the lines that a pageserver takes for errors. */
export interface StderrWords {
  /** 64 Ki characters at most. */
  readonly text: string;
  readonly chatter: { readonly lines: readonly string[]; readonly total: number };
}

/** Follows the stderr of walredo processes as a pageserver does: any line without `LOG:` counts as an error there. */
export class StderrLog {
  readonly #lines: string[] = [];
  #total = 0;

  /** Resolves when the stream ends; every line counts, however many there are. */
  async follow(stream: NodeJS.ReadableStream | null): Promise<StderrWords> {
    const lines: string[] = [];
    let total = 0;
    let text = '';
    let line = '';
    const endLine = (): void => {
      if (line.trim() !== '' && !line.includes('LOG:')) {
        total++;
        if (lines.length < keptLines) lines.push(line);
      }
      line = '';
    };
    if (stream !== null) {
      stream.setEncoding('utf8');
      for await (const chunk of stream) {
        text = `${text}${String(chunk)}`.slice(-keptCharacters);
        const [first = '', ...others] = String(chunk).split('\n');
        line = `${line}${first}`.slice(0, keptCharacters);
        for (const other of others) {
          endLine();
          line = other;
        }
      }
    }
    endLine();
    return { text, chatter: { lines, total } };
  }

  /** Counts the lines of a process that ended well: those of one that failed belong to its failure. */
  countChatter({ chatter }: StderrWords): void {
    this.#total += chatter.total;
    this.#lines.push(...chatter.lines.slice(0, keptLines - this.#lines.length));
  }

  chatter(): ReplayFault | undefined {
    return this.#total === 0 ? undefined : { kind: 'chatter', lines: this.#lines, total: this.#total };
  }
}
