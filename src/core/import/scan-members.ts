/** A member of a JSON object as it stands in a text: keys may be there more than once. */
export interface Member {
  readonly key: string;
  /** Where its value starts and ends in the text. */
  readonly start: number;
  readonly end: number;
}

/** Reads the members of the object that starts at `at` of a text, which must be valid JSON; `JSON.parse` would drop repeated keys. */
export function scanMembers(text: string, at: number): readonly Member[] {
  const members: Member[] = [];
  let next = skipSpace(text, at + 1);
  while (text[next] !== '}') {
    const keyEnd = skipString(text, next);
    const key = JSON.parse(text.slice(next, keyEnd)) as string;
    const start = skipSpace(text, skipSpace(text, keyEnd) + 1);
    const end = skipValue(text, start);
    members.push({ key, start, end });
    next = skipSpace(text, end);
    if (text[next] === ',') next = skipSpace(text, next + 1);
  }
  return members;
}

function skipValue(text: string, at: number): number {
  if (text[at] === '"') return skipString(text, at);
  let depth = 0;
  let next = at;
  for (;;) {
    const character = text[next];
    if (character === '"') {
      next = skipString(text, next);
      continue;
    }
    if (character === '{' || character === '[') depth++;
    else if (character === '}' || character === ']') {
      if (depth === 0) return next;
      depth--;
      if (depth === 0) return next + 1;
    } else if (depth === 0 && (character === ',' || character === undefined || isSpace(character)))
      return next;
    next++;
  }
}

function skipString(text: string, at: number): number {
  let next = at + 1;
  while (text[next] !== '"') next += text[next] === '\\' ? 2 : 1;
  return next + 1;
}

function skipSpace(text: string, at: number): number {
  let next = at;
  while (isSpace(text[next])) next++;
  return next;
}

function isSpace(character: string | undefined): boolean {
  return character === ' ' || character === '\t' || character === '\n' || character === '\r';
}
