import './buffer.ts';
import { cellView } from './cell-view.ts';
import { element } from './dom.ts';
import { readDetails, readOverview } from './embedded-data.ts';
import { findingView } from './finding-view.ts';
import { overviewView } from './overview-view.ts';
import { pageView } from './page-view.ts';
import { currentRoute, type Route } from './routes.ts';

const overview = readOverview();
const target = document.querySelector<HTMLElement>('#view');

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
      return overviewView(overview);
  }
}

let latest = 0;

async function show(hasMoved: boolean): Promise<void> {
  if (target === null) return;
  const turn = ++latest;
  const route = currentRoute();
  document.body.dataset['view'] = route.view === '' ? 'overview' : route.view;
  const view = await Promise.resolve(viewOf(route)).catch((error: unknown) =>
    element(
      'p',
      { class: 'notice', role: 'alert' },
      `This part of the report cannot be shown: ${String(error)}`,
    ),
  );
  if (turn !== latest) return;
  target.replaceChildren(view);
  target.dataset['ready'] = 'true';
  if (!hasMoved) return;
  // A reader who cannot see the page is told where they are now.
  const heading = target.querySelector<HTMLElement>('h2');
  heading?.setAttribute('tabindex', '-1');
  heading?.focus({ preventScroll: true });
  window.scrollTo(0, route.view === '' ? 0 : target.offsetTop);
}

addEventListener('hashchange', () => {
  // A link to a place of the page that is shown is the browser's own affair.
  if (location.hash === '' || location.hash.startsWith('#/')) void show(true);
});
addEventListener('beforeprint', () => {
  for (const folded of document.querySelectorAll('details')) folded.open = true;
});
void show(location.hash.startsWith('#/') && location.hash.length > 2);
// Unpacked while the reader reads the first screen.
void readDetails();
