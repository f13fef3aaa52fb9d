/** C0 and C1 controls, the line separators, and the bidirectional overrides that reorder what is shown. */
const unprintable = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/**
 * Makes a string that came from a host safe to show in a terminal: control and bidirectional override
 * characters become `\xNN` or `\u{NNNN}`, everything else stays.
 */
export function printable(text: string): string {
  return text.replace(unprintable, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
  });
}
