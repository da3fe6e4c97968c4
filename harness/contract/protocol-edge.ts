import { walredoPageSizeBytes } from '../redo/replay/message.ts';
import { messages, type EdgeMaterial } from './edge-material.ts';

/** An input at the edge of the walredo protocol, and every sequence of pages that is a fair answer to it. */
export interface ProtocolEdge {
  /** `a message of length zero`: fits behind "walredo, given". */
  readonly what: string;
  readonly input: Buffer;
  readonly fair: readonly (readonly Buffer[])[];
  /** Whether the input is whole, so that the process must exit with 0. */
  readonly endsWell: boolean;
}

export interface EdgeGroup {
  readonly id: string;
  readonly text: string;
  readonly edges: (material: EdgeMaterial) => readonly ProtocolEdge[];
}

const zeroPage = Buffer.alloc(walredoPageSizeBytes);
const unknownRmgrId = 200;
const rmgrOffset = 17;
const mostLength = 0xffff_ffff;

/** The edges, by what is promised of them. What a process answers beyond these sequences is missing, extra or wrong. */
export const edgeGroups: readonly EdgeGroup[] = [
  {
    id: 'ping-and-end',
    text: 'walredo answers a ping with 8192 zero bytes and exits with 0 at the end of its input',
    edges: ({ first }) => [
      whole('the end of its input at once', [], []),
      whole('a ping', [messages.ping()], [zeroPage]),
      whole(
        'pings around a request',
        [messages.ping(), first.request, messages.ping()],
        [zeroPage, first.page, zeroPage],
      ),
    ],
  },
  {
    id: 'broken-messages',
    text: 'walredo ends, or goes on with right answers, when a message is cut short, unknown, or of an impossible length',
    edges: ({ first, second }) => {
      const { key, page } = second;
      // It may give up, or find its way to the request behind; nothing else.
      const thenSecond = [[first.page], [first.page, second.page]];
      const behind = (what: string, broken: Buffer): ProtocolEdge =>
        edge(what, [first.request, broken, second.request], thenSecond);
      const cut = (what: string, bytes: Buffer, length: number): ProtocolEdge =>
        edge(what, [first.request, bytes.subarray(0, length)], [[first.page]]);
      return [
        cut('a tag and the end of its input', messages.begin(key), 1),
        cut('half a length and the end of its input', messages.begin(key), 3),
        cut('half a page and the end of its input', messages.push(key, page), walredoPageSizeBytes / 2),
        cut('a request without its last byte', second.request, second.request.length - 1),
        behind('an unknown tag', messages.raw('X', 4)),
        behind('a message of length zero', messages.raw('G', 0)),
        behind('a length of 3, less than its own size', messages.raw('B', 3)),
        behind('a begin of the wrong length', messages.raw('B', 8, Buffer.alloc(4))),
        behind('a record of 4 GiB', messages.raw('A', mostLength)),
      ];
    },
  },
  {
    id: 'unfit-records',
    text: 'walredo answers a record that it cannot redo with an end, or with the page as it was',
    edges: ({ first, second, change }) => {
      const { key, page } = second;
      const onSecond = (record: Buffer): readonly Buffer[] => [
        first.request,
        messages.begin(key),
        messages.push(key, page),
        messages.apply(change.endLsn, record),
        messages.get(key),
      ];
      const asItWas = [[first.page], [first.page, page]];
      const unknownRmgr = Buffer.from(change.bytes);
      unknownRmgr.writeUInt8(unknownRmgrId, rmgrOffset);
      const tooLong = Buffer.from(change.bytes);
      tooLong.writeUInt32LE(change.bytes.length + 1, 0);
      return [
        edge('a record of an unknown resource manager', onSecond(unknownRmgr), asItWas),
        edge('a record whose length is another than its message’s', onSecond(tooLong), asItWas),
        edge(
          'a record on a page that was never initialised',
          [
            first.request,
            messages.begin(change.key),
            messages.apply(change.endLsn, change.bytes),
            messages.get(change.key),
          ],
          [[first.page], [first.page, zeroPage]],
        ),
      ];
    },
  },
  {
    id: 'residue',
    text: 'no page of one request comes back in the answer to another',
    edges: ({ first, second }) => {
      const orZero = [[first.page], [first.page, zeroPage]];
      return [
        edge('a get before any begin', [messages.get(first.key)], [[], [zeroPage]]),
        edge('a get of another page than was begun', [first.request, messages.get(second.key)], orZero),
        edge(
          'a second get of the same page',
          [first.request, messages.get(first.key)],
          [...orZero, [first.page, first.page]],
        ),
        edge(
          'a begin and a get without page or record',
          [first.request, messages.begin(second.key), messages.get(second.key)],
          orZero,
        ),
        edge(
          'a get of the page before the one that was begun and pushed',
          [
            first.request,
            messages.begin(second.key),
            messages.push(second.key, second.page),
            messages.get(first.key),
          ],
          orZero,
        ),
        edge(
          'a page that was pushed and never asked for, then another',
          [
            messages.begin(first.key),
            messages.push(first.key, first.page),
            messages.begin(second.key),
            messages.get(second.key),
          ],
          [[], [zeroPage]],
        ),
      ];
    },
  },
];

/** A tape's requests again and again in one stream, with no pause. */
export function backToBack(requests: Buffer, answers: Buffer, times: number): ProtocolEdge {
  return whole(
    `the same requests ${String(times)} times without a pause`,
    Array.from({ length: times }, () => requests),
    Array.from({ length: times }, () => answers),
  );
}

function edge(what: string, input: readonly Buffer[], fair: readonly (readonly Buffer[])[]): ProtocolEdge {
  return { what, input: Buffer.concat(input), fair, endsWell: false };
}

function whole(what: string, input: readonly Buffer[], answers: readonly Buffer[]): ProtocolEdge {
  return { what, input: Buffer.concat(input), fair: [answers], endsWell: true };
}
