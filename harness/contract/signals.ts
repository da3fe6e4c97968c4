import { walredoPageSizeBytes } from '../redo/replay/message.ts';
import { describeEnding } from '../host/describe-ending.ts';
import { converse } from './answers-in-step.ts';
import { pingMessage } from './in-step.ts';
import type { Discovery, Subject } from './subject.ts';

/** Whether a signal that ends walredo is the end that its caller sees, and is not turned into an exit code. */
export async function judgeSignals(subject: Subject): Promise<Discovery> {
  return converse(subject, async ({ process, ask }) => {
    const pong = await ask(pingMessage(), walredoPageSizeBytes);
    if (pong.length < walredoPageSizeBytes)
      return found(`walredo did not answer a ping, so that no signal could be tried`);
    process.signal('SIGSEGV');
    const { ending } = await process.result;
    return ending.kind === 'signaled' && ending.signal === 'SIGSEGV'
      ? { findings: [], notes: [] }
      : found(
          `a walredo process that was sent SIGSEGV ${describeEnding(ending)}: its caller does not see the signal`,
        );
  });
}

function found(message: string): Discovery {
  return { findings: [{ code: 'launcher-signals', message }], notes: [] };
}
