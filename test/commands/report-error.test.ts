import { expect, test } from 'vitest';
import { reportError } from '../../src/commands/report-error.ts';
import { errorCodes, KernelscopeError } from '../../src/core/index.ts';

test('a problem is told with its remedies below it, and its exit code', () => {
  const error = new KernelscopeError('database_missing', 'there is no database x', {
    suggestions: ['make one', 'or name another'],
  });
  expect(reportError(error)).toEqual({
    exitCode: errorCodes.database_missing.exitCode,
    text: 'kernelscope: there is no database x\n  make one\n  or name another\n',
    json: {
      error: {
        code: 'database_missing',
        message: 'there is no database x',
        suggestions: ['make one', 'or name another'],
      },
    },
  });
});

test('what a host or a user wrote is no command to the terminal; line ends of our own are kept', () => {
  const error = new KernelscopeError('bad_query', 'clause:\nprocess = \u001b[31m\n^', {
    suggestions: ['\u0007'],
  });
  expect(reportError(error).text).toBe('kernelscope: clause:\n  process = \\x1b[31m\n  ^\n  \\x07\n');
});

test('what oclif asks for is no error', () => {
  const exit = Object.assign(new Error('EEXIT: 0'), { code: 'EEXIT', oclif: { exit: 0 } });
  expect(reportError(exit)).toEqual({ exitCode: 0 });
});

test('a command that is not there suggests the nearest, in words', () => {
  const unknown = (id: string) =>
    reportError(Object.assign(new Error(`command ${id} not found`), { oclif: { exit: 2 } }));
  expect(unknown('db:stats')).toMatchObject({
    exitCode: 2,
    text: "kernelscope: there is no command 'db stats'\n  did you mean 'db status'?\n  see kernelscope --help\n",
  });
  expect(unknown('xyzzy').text).toBe("kernelscope: there is no command 'xyzzy'\n  see kernelscope --help\n");
});

test('anything else is a bug of ours, and says where', () => {
  const report = reportError(new TypeError('x is not a function'));
  expect(report).toMatchObject({ exitCode: 70, json: { error: { code: 'bug' } } });
  expect(report.text).toContain('this is a bug in kernelscope');
  expect(report.text).toContain('TypeError: x is not a function\n    at ');
  expect(reportError('a string').text).toContain('a string');
  expect(reportError(undefined).exitCode).toBe(70);
});
