import { printable } from '../base/printable.ts';

const markup: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Makes any string valid text or attribute value of XML: controls as visible escapes, what XML cannot hold as U+FFFD. */
export function xmlText(text: string): string {
  return printable(text)
    .toWellFormed()
    .replace(/[\ufffe\uffff]/g, '\ufffd')
    .replace(/[&<>"]/g, (character) => markup[character]!);
}

/** Prints JSON that is valid text in XML, and cannot end an element: what is markup or no XML character is escaped. */
export function safeJson(value: unknown): string {
  // JSON.stringify has escaped the controls and lone surrogates.
  return JSON.stringify(value).replace(
    /[<>&\u007f-\u009f\ufffe\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
