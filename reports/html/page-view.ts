import type { PageKind } from '../../harness/page/kind.ts';
import {
  firstStep,
  missingWords,
  stepsOf,
  type PageStep,
  type PageWithHistory,
} from '../../harness/verdict/history-steps.ts';
import { element, link } from './dom.ts';
import { readDetails, readPage } from './embedded-data.ts';
import { fieldRows } from './field-rows.ts';
import { fieldTable } from './field-table.ts';
import type { ChosenBytes } from '../../harness/page/hex-rows.ts';
import { hexDump } from './hex-dump.ts';
import { legend, pageMap } from './page-map.ts';
import { recordDetails, recordList } from './record-list.ts';
import { replayAgain } from './replay-again.ts';
import { noteRoute, routeTo } from './routes.ts';
import { wayBack } from './way-back.ts';

/** What is held against what: both sides after a record, or one side before and after it. */
type Comparison = 'sides' | 'bundle' | 'other';

const comparisons: Readonly<Record<Comparison, string>> = {
  sides: 'both sides after this record',
  bundle: 'the bundle before and after this record',
  other: 'the other side before and after this record',
};

/** A bad page, step by step: its map, its bytes, its fields, and the records that made it. */
export async function pageView(number: number, parameters: URLSearchParams): Promise<HTMLElement> {
  const { report, histories } = await readDetails();
  const finding = report.findings[number];
  const files = finding?.page?.files;
  const id = typeof files === 'string' && Object.hasOwn(histories, files) ? histories[files] : undefined;
  if (finding === undefined || id === undefined) {
    return element(
      'div',
      {},
      wayBack(finding === undefined ? undefined : link(routeTo('finding', number), 'the finding')),
      element(
        'p',
        { class: 'notice' },
        typeof files === 'string'
          ? `A report of many findings holds the pages of the first alone, and these are not among them. In its folder: redoubt explain ${files}`
          : 'The pages of this finding were not kept.',
      ),
    );
  }
  const page = await readPage(id);
  const { history } = page;
  const explorer = new PageExplorer(number, page, parameters);
  return element(
    'div',
    { class: 'page-view' },
    wayBack(link(routeTo('finding', number), 'the finding')),
    element('h2', {}, history.name),
    element(
      'p',
      {},
      `A ${history.kind} page of PostgreSQL ${String(history.major)}, made by the bundle on ${history.host}; compared with ${history.standard}.`,
    ),
    ...history.notes.map((note) => element('p', { class: 'notice' }, note)),
    replayAgain(number),
    explorer.root,
  );
}

class PageExplorer {
  readonly root = element('div', { class: 'explorer' });
  readonly #number: number;
  readonly #page: PageWithHistory;
  readonly #steps: readonly PageStep[];
  readonly #list: HTMLElement;
  readonly #bar = element('div', { class: 'stepper', role: 'group', 'aria-label': 'Steps' });
  readonly #record = element('div', { 'aria-live': 'polite' });
  readonly #pages = element('div', { class: 'pages' });
  #step: number;
  #comparison: Comparison = 'sides';
  #chosen: ChosenBytes | undefined;
  #isWhole = false;

  constructor(number: number, page: PageWithHistory, parameters: URLSearchParams) {
    this.#number = number;
    this.#page = page;
    this.#steps = stepsOf(page);
    const asked = this.#steps.findIndex(({ count }) => String(count) === parameters.get('step'));
    this.#step = asked < 0 ? firstStep(page, this.#steps) : asked;
    this.#list = recordList(page.history, this.#steps, (index) => {
      this.#go(index);
    });
    this.root.append(
      element('div', { class: 'story' }, element('h3', {}, 'Records'), this.#list),
      element('div', { class: 'state' }, this.#bar, this.#record, this.#pages),
    );
    this.root.addEventListener('keydown', (event) => {
      this.#onKey(event);
    });
    this.#draw();
  }

  #go(index: number): void {
    this.#step = Math.max(0, Math.min(this.#steps.length - 1, index));
    this.#chosen = undefined;
    const count = this.#steps[this.#step]?.count ?? 0;
    noteRoute(routeTo('page', this.#number, { step: String(count) }));
    this.#draw();
  }

  /** Left and right step, but where the browser has another use for them. */
  #onKey(event: KeyboardEvent): void {
    const target = event.target instanceof Element ? event.target : undefined;
    if (target?.closest('input, select, .scroll') || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return;
    event.preventDefault();
    this.#go(this.#step + (event.key === 'ArrowLeft' ? -1 : 1));
  }

  #draw(): void {
    this.#drawBar();
    const count = this.#steps[this.#step]?.count ?? 0;
    this.#record.replaceChildren(
      recordDetails(this.#page.history.records.find(({ number }) => number === count)),
    );
    for (const button of this.#list.querySelectorAll('[data-step]')) {
      const isCurrent = button.getAttribute('data-step') === String(this.#step);
      if (isCurrent) button.setAttribute('aria-current', 'step');
      else button.removeAttribute('aria-current');
    }
    // A view that is being made has no size yet.
    requestAnimationFrame(() => {
      const current = this.#list.querySelector<HTMLElement>('[aria-current]');
      if (current !== null) this.#list.scrollTop = current.offsetTop - this.#list.clientHeight / 2;
    });
    this.#drawPages();
  }

  #drawBar(): void {
    const { history } = this.#page;
    const step = this.#steps[this.#step];
    const parting = this.#steps.findIndex(({ count }) => count === history.steps?.parting);
    const button = (words: string, target: number, name: string): HTMLElement => {
      const made = element(
        'button',
        {
          type: 'button',
          'data-to': name,
          disabled: target < 0 || target >= this.#steps.length || target === this.#step,
        },
        words,
      );
      made.addEventListener('click', () => {
        this.#go(target);
        const again = this.#bar.querySelector<HTMLButtonElement>(`[data-to="${name}"]`);
        if (again?.disabled === false) again.focus();
        else this.#bar.querySelector<HTMLElement>('button:not([disabled])')?.focus();
      });
      return made;
    };
    const choice = element('select', { id: 'comparison' });
    for (const [value, words] of Object.entries(comparisons)) {
      if (value === 'other' && history.steps?.other == null) continue;
      if (value !== 'sides' && this.#steps.length === 1) continue;
      choice.append(element('option', { value, selected: value === this.#comparison }, words));
    }
    choice.addEventListener('change', () => {
      this.#comparison = choice.value as Comparison;
      this.#drawPages();
    });
    this.#bar.replaceChildren(
      button('‹ Before', this.#step - 1, 'before'),
      button('After ›', this.#step + 1, 'after'),
      ...(parting < 0 ? [] : [button('Where they part', parting, 'parting')]),
      button('The end', this.#steps.length - 1, 'end'),
      element(
        'span',
        { class: 'place' },
        `after ${String(step?.count ?? 0)} of ${String(history.recordCount)} records`,
      ),
      element('span', { class: 'choice' }, element('label', { for: 'comparison' }, 'Compare '), choice),
    );
  }

  /** The two pages that are looked at, the right one last; their names as headings. */
  #compared(): {
    readonly left: Buffer | undefined;
    readonly right: Buffer | undefined;
    readonly names: readonly [string, string];
  } {
    const [step, before] = [this.#steps[this.#step], this.#steps[this.#step - 1]];
    switch (this.#comparison) {
      case 'sides':
        return {
          left: step?.other,
          right: step?.bundle,
          names: [step?.otherName ?? '', 'found: the bundle'],
        };
      case 'bundle':
        return {
          left: before?.bundle,
          right: step?.bundle,
          names: ['the bundle, before', 'the bundle, after'],
        };
      case 'other':
        return {
          left: before?.other,
          right: step?.other,
          names: ['the other side, before', 'the other side, after'],
        };
    }
  }

  #drawPages(): void {
    const { left, right, names } = this.#compared();
    const kind = this.#page.history.kind as PageKind;
    const shown = [
      { page: left, other: right, name: names[0] },
      { page: right, other: left, name: names[1] },
    ].flatMap(({ page, ...more }) => (page === undefined ? [] : [{ page, ...more }]));
    const [first, second] = shown;
    if (first === undefined) {
      this.#pages.replaceChildren(element('p', { class: 'notice' }, this.#missing('neither side')));
      return;
    }
    const pick = ({ offset, length }: ChosenBytes): void => {
      this.#chosen = { offset, length };
      this.#drawHex(
        first.page,
        second?.page,
        kind,
        shown.map(({ name }) => name),
      );
    };
    const alone =
      shown.length === 1 ? element('p', { class: 'notice' }, this.#missing(first.name)) : undefined;
    const hex = element('div', { id: 'bytes' });
    this.#pages.replaceChildren(
      ...(alone === undefined ? [] : [alone]),
      element(
        'div',
        { class: 'maps' },
        ...shown.map(({ page, other, name }) => pageMap(name, page, other, kind, pick)),
      ),
      legend(),
      fieldTable(fieldRows(first.page, second?.page, kind, this.#page.history.columns), {
        names: [first.name, second?.name ?? ''],
        collations: this.#page.history.collations,
        onPick: (row) => {
          pick(row);
          this.#pages.querySelector('#bytes')?.scrollIntoView({ block: 'nearest' });
        },
      }),
      hex,
    );
    this.#drawHex(
      first.page,
      second?.page,
      kind,
      shown.map(({ name }) => name),
    );
  }

  #missing(known: string): string {
    const step = this.#steps[this.#step];
    const words =
      this.#comparison === 'sides' && step !== undefined ? missingWords(this.#page, step) : undefined;
    return words ?? `Only ${known} is known here.`;
  }

  #drawHex(left: Buffer, right: Buffer | undefined, kind: PageKind, names: readonly string[]): void {
    const toggle = element(
      'button',
      { type: 'button', 'aria-pressed': String(this.#isWhole) },
      this.#isWhole ? 'Only what differs' : 'The whole page',
    );
    toggle.addEventListener('click', () => {
      this.#isWhole = !this.#isWhole;
      this.#drawHex(left, right, kind, names);
      this.#pages.querySelector<HTMLElement>('#bytes button')?.focus();
    });
    this.#pages.querySelector('#bytes')?.replaceChildren(
      element('p', {}, 'Bytes. ', toggle),
      hexDump(left, right, {
        kind,
        names: [names[0] ?? '', names[1] ?? ''],
        chosen: this.#chosen,
        whole: this.#isWhole,
      }),
    );
  }
}
