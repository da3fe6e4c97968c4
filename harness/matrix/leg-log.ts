import { RedoubtError } from '../error.ts';
import type { CellVariant } from '../verdict/cell.ts';
import type { EventSink, GateEvent, TapeFacts, TimedEvent } from '../verdict/event.ts';

/** What all legs of a matrix have told so far: each fact is told once. */
export class ToldFacts {
  readonly #told = new Set<string>();
  readonly #tapes = new Map<string, string>();

  /** With what an earlier run of the same plan told. */
  constructor(earlier: readonly TimedEvent[]) {
    for (const event of earlier) if (event.type === 'tape') this.isNewTape(event.tape);
  }

  isNew(fact: string): boolean {
    if (this.#told.has(fact)) return false;
    this.#told.add(fact);
    return true;
  }

  /** Throws `tape-changed` when cells were judged on another tape of that name. */
  isNewTape({ digest, ...tape }: TapeFacts): boolean {
    const { label, major, compute, variant } = tape;
    const key = JSON.stringify([label, major, compute, variant ?? null]);
    const known = this.#tapes.get(key);
    if (known === undefined) {
      this.#tapes.set(key, digest);
      return true;
    }
    if (known === digest) return false;
    throw new RedoubtError(
      'infrastructure',
      'tape-changed',
      `the tape pg${String(major)} ${label} of ${compute ?? 'the tapes given'} is another one than that of the cells judged before (sha256 ${digest.slice(0, 12)} instead of ${known.slice(0, 12)})`,
      { remedy: 'Begin anew in another folder: what was captured anew cannot go on an earlier run.' },
    );
  }
}

/** Whom a leg's events are about. */
export interface LegNames {
  /** Of its bundle, where the matrix has several. */
  readonly bundle: string | undefined;
  readonly workload: string | undefined;
  /** Of a major's compute image, where the matrix has several. */
  readonly computeOf: (major: number) => string | undefined;
}

/** Takes the events of one leg into those of the matrix: facts are told once, and say whom they are about. */
export function legLog(log: EventSink, told: ToldFacts, names: LegNames): EventSink {
  const variantOf = (major: number): CellVariant => {
    const compute = names.computeOf(major);
    return {
      ...(names.bundle === undefined ? {} : { bundle: names.bundle }),
      ...(compute === undefined ? {} : { compute }),
      ...(names.workload === undefined ? {} : { workload: names.workload }),
    };
  };
  const append = (event: GateEvent): void => {
    switch (event.type) {
      case 'options':
        return;
      case 'bundle': {
        const name = event.bundle.role === 'candidate' ? names.bundle : undefined;
        const { role, ...facts } = event.bundle;
        const bundle = { role, ...(name === undefined ? {} : { name }), ...facts };
        if (told.isNew(JSON.stringify(['bundle', role, name ?? null, facts.digest])))
          log.append({ type: 'bundle', bundle });
        return;
      }
      case 'policy':
      case 'pin':
        if (told.isNew(event.type)) log.append(event);
        return;
      case 'pin-compared': {
        const bundle = names.bundle === undefined ? {} : { bundle: names.bundle };
        log.append({ type: 'pin-compared', comparison: { ...bundle, ...event.comparison } });
        return;
      }
      case 'skew': {
        const variant = variantOf(event.skew.major);
        log.append(
          Object.keys(variant).length === 0 ? event : { type: 'skew', skew: { variant, ...event.skew } },
        );
        return;
      }
      case 'tape': {
        // Its compute image is named in any case.
        const { compute: _, ...variant } = variantOf(event.tape.major);
        const tape = Object.keys(variant).length === 0 ? event.tape : { variant, ...event.tape };
        if (told.isNewTape(tape)) log.append({ type: 'tape', tape });
        return;
      }
      default:
        log.append(event);
    }
  };
  return { append };
}
