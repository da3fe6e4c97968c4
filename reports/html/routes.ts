/** Where the reader is: what the part of the address behind `#/` says. */
export interface Route {
  /** The view's name and what it shows: `cell`, `12`. */
  readonly view: string;
  readonly subject: string;
  readonly parameters: URLSearchParams;
}

export function currentRoute(): Route {
  const [path = '', query = ''] = location.hash.replace(/^#\/?/, '').split('?');
  const [view = '', subject = ''] = path.split('/');
  return { view, subject: decodeURIComponent(subject), parameters: new URLSearchParams(query) };
}

/** The address of a view. */
export function routeTo(
  view: string,
  subject: number | string,
  parameters: Readonly<Record<string, string>> = {},
): string {
  const query = new URLSearchParams(parameters).toString();
  return `#/${view}/${encodeURIComponent(String(subject))}${query === '' ? '' : `?${query}`}`;
}

/** Notes where the reader is without leaving the view; going back does not stop here. */
export function noteRoute(address: string): void {
  history.replaceState(null, '', address);
}
