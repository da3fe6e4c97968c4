import type { Mount } from '../host/engine.ts';
import type { RelationNames } from './relation-name.ts';
import type { RunningServer } from './server.ts';
import type { WorkloadSettings } from './workload.ts';

/** What a capture lets happen to a server, by whatever means: before the base is taken, and after it. */
export interface CapturedWork {
  readonly name: string;
  readonly scale: string;
  /** SHA-256 over all that the work is made of. */
  readonly digest: string;
  readonly settings: WorkloadSettings;
  /** What the server must see, besides its data directory. */
  readonly mounts: readonly Mount[];
  /** The database whose collations the capture tells of; it exists after the setup. */
  readonly database: string;
  /** Both hand over the names of relations as they come and go, and throw when the server is lost. */
  setup(server: RunningServer, names: RelationNames): Promise<void>;
  work(server: RunningServer, names: RelationNames): Promise<void>;
}
