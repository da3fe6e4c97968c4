import type { Client } from 'pg';

/** What a server warns of in a session, each thing once. */
export interface ServerWarnings {
  all(): readonly string[];
  close(): void;
}

interface Notice {
  readonly severity?: string | undefined;
  readonly message?: string | undefined;
  readonly detail?: string | undefined;
}

/** Listens to a session's warnings until it is closed. */
export function serverWarnings(client: Client): ServerWarnings {
  const said = new Set<string>();
  const listen = ({ severity, message, detail }: Notice): void => {
    if (severity === 'WARNING') said.add([message, detail].filter((words) => words !== undefined).join('; '));
  };
  client.on('notice', listen);
  return {
    all: () => [...said],
    close: () => {
      client.off('notice', listen);
    },
  };
}
