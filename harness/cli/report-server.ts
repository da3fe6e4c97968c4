import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { faultOfOurs } from '../host/fault-of-ours.ts';
import { systemError } from '../host/system-error.ts';

/** What is served. */
export interface ServedReport {
  readonly html: string;
  readonly json: string;
  /** Replays the page of a finding by its number in the report, from 0, and says in words what came of it. */
  readonly replay: (finding: number) => Promise<string>;
}

export interface ReportServer extends AsyncDisposable {
  readonly url: string;
}

const loopback = '127.0.0.1';

/**
 * Serves a report to this machine alone, at `port`, or at a free one when that is 0. Other sites that the browser shows can
 * neither read it nor start a replay. Throws RedoubtError `listen-failed`.
 */
export async function serveReport(served: ServedReport, port: number): Promise<ReportServer> {
  let last: Promise<unknown> = Promise.resolve();
  const server = createServer((request, response) => {
    if (!isOwn(request)) {
      answer(response, 421, 'text/plain', 'This server answers to 127.0.0.1 alone.\n');
      return;
    }
    const finding = /^\/replay\/(\d{1,9})$/.exec(request.url ?? '')?.[1];
    if (request.method === 'POST' && finding !== undefined) {
      // No other site can send this header: a browser would ask here first, and gets no permission.
      if (request.headers['x-redoubt'] !== 'replay') {
        answer(response, 403, 'text/plain', 'A replay is started by the button of the report.\n');
        return;
      }
      // One at a time: the machine may be somebody's desk.
      last = last.then(() => replay(served, Number(finding), response));
      return;
    }
    if (request.method !== 'GET') answer(response, 405, 'text/plain', 'Only GET, and POST of a replay.\n');
    else if (request.url === '/') answer(response, 200, 'text/html; charset=utf-8', served.html);
    else if (request.url === '/report.json') answer(response, 200, 'application/json', served.json);
    else answer(response, 404, 'text/plain', 'Here are / and /report.json.\n');
  });
  try {
    const listening = once(server, 'listening');
    server.listen(port, loopback);
    await listening;
  } catch (error) {
    throw systemError(`cannot serve at ${loopback}:${String(port)}`, error);
  }
  const { port: bound } = server.address() as AddressInfo;
  return {
    url: `http://${loopback}:${String(bound)}/`,
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** A name that somebody else's DNS makes this address is not this server's. */
function isOwn({ headers, socket }: IncomingMessage): boolean {
  const own = new Set([loopback, 'localhost'].map((name) => `${name}:${String(socket.localPort)}`));
  const { host = '', origin } = headers;
  return own.has(host) && (origin === undefined || own.has(origin.replace('http://', '')));
}

async function replay(served: ServedReport, finding: number, response: ServerResponse): Promise<void> {
  const outcome = await served.replay(finding).then(
    (words) => ({ status: 200, words }),
    (error: unknown) => ({ status: 500, words: `It could not be replayed: ${faultOfOurs(error).message}` }),
  );
  answer(response, outcome.status, 'application/json', JSON.stringify({ words: outcome.words }));
}

function answer(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, {
    'content-type': type,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
  });
  response.end(body);
}
