/** Makes a test of names from what a user typed: a regular expression, or the text itself where it is none. */
export function matchText(text: string, matchCase: boolean): (name: string) => boolean {
  const pattern = compile(text, matchCase ? '' : 'i');
  return (name) => pattern.test(name);
}

function compile(text: string, flags: string): RegExp {
  try {
    return new RegExp(text, flags);
  } catch {
    return new RegExp(text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'), flags);
  }
}
