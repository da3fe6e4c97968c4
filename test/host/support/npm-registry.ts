import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';

import { pack } from 'tar-stream';

import type { NpmServer } from '../../../harness/host/npm/npm-server.ts';

/** What stands in a package: path below `package/`, content. */
export type PackageFiles = Readonly<Record<string, string>>;

/** The tarball of a package; no file in it may be run. */
export async function packageTarball(files: PackageFiles): Promise<Buffer> {
  const archive = pack();
  const manifest = JSON.stringify({ name: '@redoubt/server', version: '17.10.0' });
  for (const [path, content] of Object.entries({ 'package.json': manifest, ...files }))
    archive.entry({ name: `package/${path}`, mode: 0o600 }, content);
  archive.finalize();
  return gzipSync(await buffer(archive));
}

/** The digest of a tarball as npm writes it. */
export function integrityOf(tarball: Buffer): string {
  return `sha512-${createHash('sha512').update(tarball).digest('base64')}`;
}

/** The pin of that tarball. */
export function pinOf(tarball: Buffer): NpmServer {
  return {
    name: '@redoubt/server',
    version: '17.10.0',
    integrity: integrityOf(tarball),
    major: 17,
    serverVersion: '17.10',
  };
}

/** A registry on this machine that has one package in one version, and may vouch for another tarball than it sends. */
export class NpmRegistry implements AsyncDisposable {
  /** The paths that were asked for, in order. */
  readonly requests: string[] = [];
  readonly #server: Server;

  private constructor(tarball: Buffer, vouchedFor: Buffer) {
    this.#server = createServer((request, response) => {
      const path = decodeURIComponent(request.url ?? '');
      this.requests.push(path);
      if (path === '/@redoubt/server') {
        response.end(JSON.stringify(this.#document(integrityOf(vouchedFor))));
      } else if (path === '/server.tgz') {
        response.end(tarball);
      } else {
        response.writeHead(404).end('{"error":"Not found"}');
      }
    });
  }

  static async start(tarball: Buffer, vouchedFor: Buffer = tarball): Promise<NpmRegistry> {
    const registry = new NpmRegistry(tarball, vouchedFor);
    registry.#server.listen(0, '127.0.0.1');
    await once(registry.#server, 'listening');
    return registry;
  }

  get url(): string {
    return `http://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}/`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  #document(integrity: string): unknown {
    const version = '17.10.0';
    const name = '@redoubt/server';
    return {
      name,
      'dist-tags': { latest: version },
      versions: { [version]: { name, version, dist: { tarball: `${this.url}server.tgz`, integrity } } },
    };
  }
}
