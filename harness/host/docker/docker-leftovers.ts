import { ownerIsDead } from '../owner.ts';
import { containerLabel } from './container-options.ts';
import { connectDocker, type DockerApi, mayHaveDocker } from './docker-client.ts';

/** A container or an image in a daemon that outlived its owner. */
export interface DockerLeftover {
  readonly kind: 'container' | 'image';
  readonly id: string;
}

/**
 * What dead runs left in the machine's Docker daemon, by its labels: containers, and images of folders. Without a daemon
 * there is nothing, and looking costs nothing.
 */
export async function findDockerLeftovers(): Promise<readonly DockerLeftover[]> {
  const api = await presentDocker();
  return api === undefined ? [] : leftoversIn(api, isOfDead);
}

/** Removes everything of ours from a daemon that nobody else can be using. */
export async function emptyDocker(api: DockerApi): Promise<void> {
  for (const leftover of await leftoversIn(api, () => true)) await remove(api, leftover);
}

async function leftoversIn(
  api: DockerApi,
  isLeft: (labels: Labels) => boolean,
): Promise<readonly DockerLeftover[]> {
  const filters = { label: [containerLabel] };
  const [containers, images] = await Promise.all([
    api.listContainers({ all: true, filters }),
    api.listImages({ filters }),
  ]);
  return [
    ...containers.flatMap(({ Id: id, Labels: labels }): readonly DockerLeftover[] =>
      isLeft(labels) ? [{ kind: 'container', id }] : [],
    ),
    ...images.flatMap(({ Id: id, Labels: labels }): readonly DockerLeftover[] =>
      isLeft(labels) ? [{ kind: 'image', id }] : [],
    ),
  ];
}

/** Removes one; what another run has removed meanwhile is no error. */
export async function removeDockerLeftover(leftover: DockerLeftover): Promise<void> {
  const api = await presentDocker();
  if (api !== undefined) await remove(api, leftover);
}

async function remove(api: DockerApi, { kind, id }: DockerLeftover): Promise<void> {
  try {
    if (kind === 'container') await api.getContainer(id).remove({ force: true, v: true });
    else await api.getImage(id).remove({ force: true });
  } catch (error) {
    // 404: it is gone; 409: somebody is removing it.
    if (![404, 409].includes((error as { readonly statusCode?: number }).statusCode ?? 0)) throw error;
  }
}

type Labels = Readonly<Record<string, string>> | null | undefined;

function isOfDead(labels: Labels): boolean {
  return ownerIsDead(labels?.[containerLabel] ?? '') === true;
}

/** A daemon that is there and does not answer holds nothing that could be removed now. */
async function presentDocker(): Promise<DockerApi | undefined> {
  if (!mayHaveDocker()) return undefined;
  return connectDocker().then(
    ({ api }) => api,
    () => undefined,
  );
}
