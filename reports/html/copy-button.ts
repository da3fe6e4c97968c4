import { element } from './dom.ts';

/** A button that puts a text into the clipboard; `shown` holds it for the eye, and for whom no clipboard is allowed. */
export function copyButton(text: string, what: string, shown: HTMLElement): HTMLElement {
  const button = element('button', { type: 'button', class: 'copy', 'aria-label': `Copy ${what}` }, 'Copy');
  const outcome = element('span', { class: 'hidden', role: 'status' });
  const tell = async (): Promise<void> => {
    const words = await copy(text, shown);
    button.textContent = words;
    outcome.textContent = words;
  };
  button.addEventListener('click', () => {
    void tell();
  });
  return element('span', { class: 'copying' }, button, outcome);
}

async function copy(text: string, shown: HTMLElement): Promise<string> {
  try {
    await navigator.clipboard.writeText(text);
    return 'Copied';
  } catch {
    // A page that came by plain HTTP has no clipboard.
    getSelection()?.selectAllChildren(shown);
    return 'Press Ctrl-C';
  }
}
