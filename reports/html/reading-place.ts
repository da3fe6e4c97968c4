/*
 * How far a reader had scrolled, kept with each entry of the browser's history, so that going back and loading again lead
 * to the same place. The browser cannot do it by itself: views are made after it has gone there.
 */

interface Place {
  readonly scrollY: number;
}

/** Remembers the place in a view whenever the reader follows a link out of it, or leaves or loads the page again. */
export function keepReadingPlace(): void {
  history.scrollRestoration = 'manual';
  document.addEventListener('click', keep, { capture: true });
  addEventListener('pagehide', keep);
}

function keep(): void {
  const place: Place = { scrollY };
  history.replaceState(place, '');
}

/** Where the reader left the entry of the history that is shown; undefined where they come for the first time. */
export function keptReadingPlace(): number | undefined {
  return (history.state as Place | null)?.scrollY;
}
