import { catalogueHosts } from '../../host/host-catalogue.ts';
import type { GateChoices } from '../gate-options.ts';

/** The hosts of the catalogue, and which of them a run has that names none. */
export function hostChoices(): GateChoices {
  const hosts = catalogueHosts();
  return {
    hosts: hosts.map(({ name }) => name),
    defaultHosts: hosts.filter(({ judged }) => judged !== 'on request').map(({ name }) => name),
    optionalHosts: hosts.filter(({ judged }) => judged === 'where it can be had').map(({ name }) => name),
  };
}
