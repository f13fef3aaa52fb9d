import fc from 'fast-check';

/** Few names, so that stacks share frames and repeat; some that start alike or are hostile. */
const frame = fc.oneof(
  fc.constantFrom(
    'a',
    'ab',
    'b',
    'root',
    'c',
    '#d',
    'läuft',
    '走',
    '\u{1f600}',
    'x y',
    '</script>',
    ']]>',
    '1',
  ),
  fc.string({ minLength: 1, maxLength: 4 }).filter((name) => /^[^;\s\p{C}](?:.*[^;\s\p{C}])?$/u.test(name)),
);
const name = frame.filter((text) => !text.includes(';') && !/\p{C}|[\u2028\u2029]/u.test(text));

/** Stacks with whole weights. */
export const stacks = fc.array(
  fc.record({
    stack: fc.array(name, { maxLength: 8 }).map((frames) => frames.join(';')),
    weight: fc.integer({ min: 0, max: 1_000_000 }),
  }),
  { maxLength: 40 },
);
