import { svg } from './elements.ts';
import type { Viewer } from './viewer.ts';

/**
 * Lays a box over the picture at a point, as far as it fits there, and answers what closes it; so does a click beside
 * it. Closing gives the focus back to the active frame.
 */
export function openOverlay(viewer: Viewer, box: HTMLElement, x: number, y: number): () => void {
  const overlay = svg('foreignObject', { x: 0, y: 0, width: '100%', height: '100%' }, box);
  const close = () => {
    overlay.remove();
    viewer.focusActive();
  };
  overlay.addEventListener('click', (event) => {
    if (!box.contains(event.target as Node)) close();
  });
  overlay.addEventListener('contextmenu', (event) => event.preventDefault());
  viewer.root.append(overlay);
  const bounds = viewer.root.getBoundingClientRect();
  const size = box.getBoundingClientRect();
  const roomBelow = Math.min(bounds.height, innerHeight - bounds.top);
  box.style.left = `${Math.max(0, Math.min(x, bounds.width - size.width - 8))}px`;
  box.style.top = `${Math.max(0, Math.min(y, roomBelow - size.height - 8))}px`;
  return close;
}
