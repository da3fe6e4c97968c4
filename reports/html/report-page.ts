import './buffer.ts';
import { cellView } from './cell-view.ts';
import { element } from './dom.ts';
import { readDetails, readOverview } from './embedded-data.ts';
import { findingView } from './finding-view.ts';
import { overviewView } from './overview-view.ts';
import { pageView } from './page-view.ts';
import { keepReadingPlace, keptReadingPlace } from './reading-place.ts';
import { currentRoute, type Route } from './routes.ts';

const overview = readOverview();
const target = document.querySelector<HTMLElement>('#view');
const title = document.title;

/** What an address shows; the overview for one that is not known. */
function viewOf({ view, subject, parameters }: Route): HTMLElement | Promise<HTMLElement> {
  switch (view) {
    case 'cell':
      return cellView(Number(subject));
    case 'finding':
      return findingView(Number(subject));
    case 'page':
      return pageView(Number(subject), parameters);
    default:
      return overviewView(overview, parameters);
  }
}

let latest = 0;
let shownAddress: string | undefined;

/** The address of the view alone: a place in the first view belongs to it. */
function addressOfView(): string {
  return location.hash.startsWith('#/') ? location.hash : '#/';
}

async function show(hasMoved: boolean): Promise<void> {
  if (target === null) return;
  const turn = ++latest;
  const place = keptReadingPlace();
  const route = currentRoute();
  shownAddress = addressOfView();
  const isOverview = route.view === '';
  document.body.dataset['view'] = isOverview ? 'overview' : route.view;
  const view = await Promise.resolve(viewOf(route)).catch((error: unknown) =>
    element(
      'p',
      { class: 'notice', role: 'alert' },
      `This part of the report cannot be shown: ${String(error)}`,
    ),
  );
  if (turn !== latest) return;
  target.replaceChildren(view);
  const heading = target.querySelector<HTMLElement>('h2');
  document.title = isOverview || heading === null ? title : `${heading.textContent} · ${title}`;
  target.dataset['ready'] = 'true';
  if (hasMoved) {
    // A reader who cannot see the page is told where they are now.
    heading?.setAttribute('tabindex', '-1');
    heading?.focus({ preventScroll: true });
  }
  await readDetails();
  if (turn !== latest) return;
  goTo(place, hasMoved, route);
  target.dataset['shown'] = location.hash;
}

/** Where the reader left off, or the place that the address names, or the beginning of another view. */
function goTo(place: number | undefined, hasMoved: boolean, { view, parameters }: Route): void {
  const named = view === '' && parameters.size > 0 ? 'findings' : /^#([\w-]+)$/.exec(location.hash)?.[1];
  if (place !== undefined) window.scrollTo(0, place);
  else if (named !== undefined) document.getElementById(named)?.scrollIntoView();
  else if (hasMoved) window.scrollTo(0, 0);
}

addEventListener('hashchange', () => {
  const place = keptReadingPlace();
  if (addressOfView() !== shownAddress) void show(true);
  else if (place !== undefined) window.scrollTo(0, place);
});
addEventListener('beforeprint', () => {
  for (const folded of document.querySelectorAll('details')) folded.open = true;
});
keepReadingPlace();
void show(location.hash.startsWith('#/') && location.hash.length > 2);
// Unpacked while the reader reads the first screen.
void readDetails();
