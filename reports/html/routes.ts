/** Where the reader is: what the part of the address behind `#/` says. */
export interface Route {
  /** The view's name, empty for the first one, and what it shows: `cell`, `12`. */
  readonly view: string;
  readonly subject: string;
  readonly parameters: URLSearchParams;
}

export function currentRoute(): Route {
  // `#findings` is a place in the first view, not a view.
  const address = location.hash.startsWith('#/') ? location.hash.slice(2) : '';
  const [path = '', query = ''] = address.split('?');
  const [view = '', subject = ''] = path.split('/');
  return { view, subject: decoded(subject), parameters: new URLSearchParams(query) };
}

/** As it is where a hand has broken its percent signs. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The address of a view. */
export function routeTo(
  view: string,
  subject: number | string,
  parameters: Readonly<Record<string, string>> = {},
): string {
  return `#/${view}/${encodeURIComponent(String(subject))}${queryOf(parameters)}`;
}

/** The address of the first view, and of what is looked for in it. */
export function routeToOverview(parameters: Readonly<Record<string, string>> = {}): string {
  return `#/${queryOf(parameters)}`;
}

function queryOf(parameters: Readonly<Record<string, string>>): string {
  const query = new URLSearchParams(parameters).toString();
  return query === '' ? '' : `?${query}`;
}

/** Notes where the reader is without leaving the view; going back does not stop here. */
export function noteRoute(address: string): void {
  history.replaceState(history.state, '', address);
}
