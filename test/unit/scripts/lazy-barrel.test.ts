import { expect, test } from 'vitest';
import { lazyExports } from '../../../scripts/binary/lazy-barrel.ts';

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
  expect(lazyExports(barrel)).toBe(`module.exports = {
__esModule: true,
get a() { return require('./one.ts').a; },
get d() { return require('./one.ts').c; },
get g() { return require('./three.ts').g; }
};
`);
});

test.each(["export * from './one.ts';", 'export const a = 1;', "import { a } from './one.ts';"])(
  '%s is refused: it could not be made lazy',
  (line) => expect(() => lazyExports(line)).toThrow(line),
);
