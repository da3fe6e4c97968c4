import { element } from './dom.ts';

/** A button that has the bundle make a page once more; undefined in a file, where there is nobody to ask. */
export function replayAgain(finding: number): HTMLElement | undefined {
  if (!document.body.hasAttribute('data-served')) return undefined;
  const button = element('button', { type: 'button', class: 'replay' }, 'Replay this page again');
  const outcome = element('span', { role: 'status' });
  button.addEventListener('click', () => {
    button.disabled = true;
    outcome.textContent = ' replaying…';
    void show(finding, button, outcome);
  });
  return element('p', {}, button, outcome);
}

async function show(finding: number, button: HTMLButtonElement, outcome: HTMLElement): Promise<void> {
  outcome.textContent = ` ${await ask(finding)}`;
  button.disabled = false;
}

async function ask(finding: number): Promise<string> {
  try {
    const response = await fetch(`/replay/${String(finding)}`, {
      method: 'POST',
      headers: { 'x-redoubt': 'replay' },
    });
    const { words } = (await response.json()) as { readonly words: string };
    return words;
  } catch {
    return 'Redoubt does not answer any more: type redoubt open again.';
  }
}
