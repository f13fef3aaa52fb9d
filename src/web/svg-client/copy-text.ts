import { html } from './elements.ts';

/** Puts a text on the clipboard, the old way where the new one is not allowed; answers whether it worked. */
export async function copyText(text: string, holder: Element): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = html('textarea', { 'aria-hidden': 'true' });
    area.value = text;
    holder.append(area);
    area.select();
    const copied = document.execCommand('copy');
    area.remove();
    return copied;
  }
}
