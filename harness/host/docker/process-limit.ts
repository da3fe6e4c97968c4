import type { Container, DockerClient } from './docker-client.ts';

/**
 * Sets how many processes a running container may have, its first one included. podman has no word for it in Docker's
 * API until 5.2, and one of its own since 4.3 (POST /libpod/containers/ID/update): older ones leave it at what the
 * container was made with, a guard against fork bombs. Throws what the daemon answers.
 */
export async function limitProcesses(
  { api, isPodman }: DockerClient,
  container: Container,
  processes: number,
): Promise<void> {
  if (!isPodman) {
    await container.update({ PidsLimit: processes });
    return;
  }
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  api.modem.dial(
    {
      method: 'POST',
      path: `/v4.0.0/libpod/containers/${container.id}/update`,
      options: { pids: { limit: processes } },
      statusCodes: { 200: true, 201: true, 404: 'not found', 500: 'server error' },
    },
    (error) => {
      if (error === null || error === undefined) resolve(undefined);
      else reject(error);
    },
  );
  try {
    await promise;
  } catch (error) {
    // It is the word that is not found, unless the container is gone, too.
    if ((error as { readonly statusCode?: number }).statusCode !== 404) throw error;
    await container.inspect();
  }
}
