import { nameOf } from '../../core/stack/frame-tree.ts';
import { frameCommands } from './commands.ts';
import { html } from './elements.ts';
import { openOverlay } from './overlay.ts';
import type { Viewer } from './viewer.ts';

/** Opens the menu of a frame at a point of the picture; Esc, a choice or a click elsewhere closes it. */
export function openFrameMenu(viewer: Viewer, node: number, x: number, y: number): void {
  viewer.goTo(node);
  const menu = html('div', { class: 'menu', role: 'menu', 'aria-label': nameOf(viewer.graph.tree, node) });
  const items = frameCommands.map(({ label, key, run }) => {
    const item = html('button', { type: 'button', role: 'menuitem' }, label, html('kbd', {}, key));
    item.addEventListener('click', () => {
      close();
      run(viewer, node);
    });
    return item;
  });
  menu.append(...items);
  const close = openOverlay(viewer, menu, x, y);
  menu.addEventListener('keydown', (event) => {
    event.stopPropagation();
    // Enter and space press the button that has the focus.
    if (event.key === 'Enter' || event.key === ' ') return;
    event.preventDefault();
    const at = items.indexOf(document.activeElement as HTMLButtonElement);
    if (event.key === 'ArrowDown') items[(at + 1) % items.length]!.focus();
    else if (event.key === 'ArrowUp') items[(at + items.length - 1) % items.length]!.focus();
    else if (event.key === 'Escape' || event.key === 'Tab') close();
  });
  items[0]!.focus();
}
