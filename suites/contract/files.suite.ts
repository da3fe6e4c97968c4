import { promiseForEachCell, type Promised } from '../promise.ts';
import { filePromises, type FilePromise } from './file-promises.ts';

/*
 * "The bundle is self-contained, i.e., it behaves the same way on any Linux system." What of that the files show, nothing
 * of them executed. A bundle that is not to lean on its host is looked at once, whatever the hosts.
 */

promiseForEachCell('contract', ({ host }, { shape, firstHost }) => {
  if (shape.layout !== 'pg-install' && host !== firstHost) return [];
  return filePromises.filter(({ layouts }) => layouts.includes(shape.layout)).map(filePromise);
});

function filePromise({ id, text, rules, note }: FilePromise): Promised {
  return {
    id,
    text,
    examine: async (examination) => {
      const { gate, cell } = examination;
      const files = await gate.files(gate.candidate, cell.major, cell.host);
      for (const fault of rules.flatMap((rule) => rule(files))) examination.found(fault);
      for (const line of note?.(files) ?? []) examination.note(line);
    },
  };
}
