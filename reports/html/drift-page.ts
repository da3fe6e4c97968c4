import { causePart } from './cause-part.ts';
import { count, element, plural, section } from './dom.ts';
import { driftPart } from './drift-part.ts';
import { readDrift } from './embedded-data.ts';
import { proofPart } from './proof-part.ts';

/** Locales in which nothing changes are folded. */
async function show(target: HTMLElement): Promise<void> {
  const { drifts, causes, proofs } = await readDrift();
  const changed = drifts.filter(
    ({ order, equality, letters }) => order === 'changed' || equality === 'changed' || letters !== undefined,
  );
  const others = drifts.filter((drift) => !changed.includes(drift));
  const number = others.reduce((sum, { locales }) => sum + locales.length, 0);
  target.replaceChildren(
    ...(proofs.length === 0
      ? []
      : [section('proofs', 'What PostgreSQL makes of it', ...proofs.map(proofPart))]),
    ...(changed.length === 0 ? [] : [section('drift', 'What changes', ...changed.map(driftPart))]),
    ...(causes.length === 0 ? [] : [section('causes', 'Which part is guilty', ...causes.map(causePart))]),
    ...(others.length === 0
      ? []
      : [
          section(
            'same',
            changed.length === 0 ? 'What was compared' : 'What does not change',
            element(
              'details',
              { open: changed.length === 0 },
              element('summary', {}, `${plural(number, 'locale')} in ${count(others.length)} groups`),
              ...others.map(driftPart),
            ),
          ),
        ]),
  );
  target.dataset['ready'] = 'true';
}

const target = document.querySelector<HTMLElement>('#view');
if (target !== null) void show(target);
