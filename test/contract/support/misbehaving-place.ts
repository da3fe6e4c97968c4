import { join } from 'node:path';

import type { Bundle } from '../../../harness/bundle/open.ts';
import type { Host } from '../../../harness/host/engine.ts';
import { temporaryDirectory } from '../../../harness/host/run-directory.ts';
import { openHost, openReference } from '../../bundle/support/reference.ts';
import { misbehavingBundle, type MisbehavingBundle } from '../../support/broken-behaviour.ts';

/** The reference bundle and one that can be told to misbehave, on a host: what a group of tests shares. */
export interface MisbehavingPlace extends AsyncDisposable {
  readonly reference: Bundle;
  readonly broken: MisbehavingBundle;
  readonly host: Host;
  readonly path: string;
}

export async function openMisbehavingPlace(majors?: readonly number[]): Promise<MisbehavingPlace> {
  const reference = await openReference();
  const host = await openHost('debian:12');
  const directory = await temporaryDirectory('a bundle that misbehaves');
  const broken = await misbehavingBundle(reference, join(directory.path, 'bundle'), majors);
  return {
    reference,
    broken,
    host,
    path: directory.path,
    [Symbol.asyncDispose]: async () => {
      await host[Symbol.asyncDispose]();
      await directory[Symbol.asyncDispose]();
    },
  };
}
