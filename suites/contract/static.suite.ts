import { discoverStaticNeeds } from '../../harness/contract/static-needs.ts';
import { pageserverInitdbFlags } from '../../harness/gate/initdb/bundle-initdb.ts';
import { silent } from '../../harness/host/progress.ts';
import { promiseForEachCell } from '../promise.ts';
import { behaves } from './behaviour.ts';

/* "Variant 1: bundle = fully statically linked binaries ... The only ambient runtime dependency is the Linux kernel." */

promiseForEachCell('contract', ({ host }, { firstHost, shape }) =>
  shape.layout === 'static' && host === firstHost
    ? [
        behaves(
          'static-initdb',
          "initdb with a pageserver's options ends well in an empty root that holds the bundle's programs and nothing else",
          (_, subject) => discoverStaticNeeds(subject, pageserverInitdbFlags(subject.major), silent),
        ),
      ]
    : [],
);
