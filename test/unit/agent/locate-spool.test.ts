import { expect, test } from 'vitest';
import { locateSpool, nameDestination } from '../../../src/core/agent/locate-spool.ts';

test.each([
  ['what was named', '/a', { STATE_DIRECTORY: '/b', XDG_STATE_HOME: '/c' }, '/a', false],
  [
    "a unit's first state folder",
    undefined,
    { STATE_DIRECTORY: '/b:/x', XDG_STATE_HOME: '/c' },
    '/b/spool',
    false,
  ],
  ['the XDG state folder', undefined, { XDG_STATE_HOME: '/c', HOME: '/h' }, '/c/kernelscope/spool', true],
  [
    'one that is not absolute counts for nothing',
    undefined,
    { XDG_STATE_HOME: 'c', HOME: '/h' },
    '/h/.local/state/kernelscope/spool',
    true,
  ],
  [
    'nothing but a home',
    undefined,
    { STATE_DIRECTORY: '', HOME: '/h' },
    '/h/.local/state/kernelscope/spool',
    true,
  ],
])('batches wait in: %s', (_what, named, environment, folder, isDefault) => {
  expect(locateSpool(named, environment)).toEqual({ folder, isDefault });
});

test('each destination has a folder of its own, with a name that tells which, and nothing secret', () => {
  const name = (url: string) => nameDestination(url);
  expect(name('http://logger.example:8081')).toMatch(/^logger\.example_8081-[0-9a-f]{8}$/);
  expect(name('http://logger.example:8081/')).toBe(name('http://user:pass@logger.example:8081#x'));
  const urls = ['http://h/', 'https://h/', 'http://h/a', 'http://h:81/', 'http://h/?a'];
  expect(new Set(urls.map(name)).size).toBe(urls.length);
  expect(name('http://[::1]:8081/../../etc')).toMatch(/^[\w.-]+$/);
});
