import type { ReplayFault } from './replay-fault.ts';

const keptLines = 20;
const keptCharacters = 64 * 1024;

/** Follows the stderr of walredo processes as a pageserver does: any line without `LOG:` counts as an error there. */
export class StderrLog {
  readonly #lines: string[] = [];
  #total = 0;

  /** Resolves to the end of the text (64 Ki characters at most) when the stream ends. */
  async follow(stream: NodeJS.ReadableStream | null): Promise<string> {
    let text = '';
    if (stream === null) return text;
    stream.setEncoding('utf8');
    for await (const chunk of stream) text = `${text}${String(chunk)}`.slice(-keptCharacters);
    return text;
  }

  /** Counts the lines of a process that ended well: those of one that failed belong to its failure. */
  countChatter(text: string): void {
    for (const line of text.split('\n')) {
      if (line.trim() === '' || line.includes('LOG:')) continue;
      this.#total++;
      if (this.#lines.length < keptLines) this.#lines.push(line);
    }
  }

  chatter(): ReplayFault | undefined {
    return this.#total === 0 ? undefined : { kind: 'chatter', lines: this.#lines, total: this.#total };
  }
}
