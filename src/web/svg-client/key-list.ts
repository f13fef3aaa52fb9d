import { frameCommands, graphCommands } from './commands.ts';
import { html } from './elements.ts';
import { openOverlay } from './overlay.ts';
import type { Viewer } from './viewer.ts';

const keyNames: Readonly<Record<string, string>> = {
  ArrowUp: '↑',
  ArrowDown: '↓',
  ArrowLeft: '←',
  ArrowRight: '→',
  Escape: 'Esc',
};

/** Shows what each key does; any key or a click closes it. */
export function openKeyList(viewer: Viewer): void {
  const list = html('dl');
  for (const { key, label } of graphCommands) list.append(...line(keyNames[key] ?? key, label));
  list.append(...line('m', 'The menu of the frame'));
  for (const { key, label } of frameCommands) list.append(...line(key, label));
  const box = html('div', { class: 'menu', role: 'dialog', 'aria-label': 'Keys', tabindex: '-1' }, list);
  const close = openOverlay(viewer, box, Number.MAX_SAFE_INTEGER, viewer.barBottom);
  box.addEventListener('keydown', (event) => {
    event.stopPropagation();
    event.preventDefault();
    close();
  });
  box.focus();
}

function line(key: string, label: string): HTMLElement[] {
  return [html('dt', {}, key), html('dd', {}, label)];
}
