import { expect, test } from 'vitest';
import { lazyBarrel } from '../../../scripts/binary/lazy-modules.ts';

test('names become getters, types and comments go', () => {
  const barrel = `/** What
 * it is. */
export { a, type B, c as d } from './one.ts';
// a line
export type { E } from './two.ts';
export {
  type F,
  g,
} from './three.ts';
`;
  expect(lazyBarrel(barrel)).toEqual({
    contents: `module.exports = Object.create({
__esModule: true,
get a() { return require('./one.ts').a; },
get d() { return require('./one.ts').c; },
get g() { return require('./three.ts').g; }
});
`,
    own: '',
  });
});

test('functions of its own are kept apart, and taken in', () => {
  const own = `export async function load(): Promise<unknown> {
  return import('./two.ts');
}`;
  expect(lazyBarrel(`export { a } from './one.ts';\n\n/** Loads. */\n${own}\n`)).toEqual({
    contents: `module.exports = Object.create({
__esModule: true,
get a() { return require('./one.ts').a; }
});
Object.defineProperties(module.exports, Object.getOwnPropertyDescriptors(require('lazy-barrel-own')));
`,
    own,
  });
});

test.each(["export * from './one.ts';", "export * as a from './one.ts';", "import { a } from './one.ts';"])(
  '%s is refused: it could not be made lazy',
  (line) => expect(() => lazyBarrel(line)).toThrow(line),
);
