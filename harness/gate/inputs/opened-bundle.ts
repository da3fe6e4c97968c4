import type { BundleFlavour } from '../../bundle/flavour.ts';
import type { Bundle } from '../../bundle/open.ts';
import type { BundleFacts } from '../../verdict/event.ts';

/** A bundle of the run with what it said of itself. */
export interface OpenedBundle {
  readonly role: BundleFacts['role'];
  readonly bundle: Bundle;
  /** `postgres --version` by major. */
  readonly servers: ReadonlyMap<number, string>;
  readonly flavour: BundleFlavour;
}
