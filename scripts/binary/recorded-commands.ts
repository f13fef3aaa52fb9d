/**
 * The commands whose compiled code goes into the binary, those that people wait for, by the first word of the command
 * line: it chooses the code cache, which costs time by its size. `main` is for every other first word. They are asked
 * of a database made by `makeSampleDatabase`, and of a file of folded stacks.
 */
export function recordedCommands(
  database: string,
  folded: string,
): Readonly<Record<string, readonly (readonly string[])[]>> {
  const where = ['--sqlite', database, '--where', 'elapsed > 1ms and stack contains vfs'];
  return {
    main: [['--version'], ['--help']],
    db: [
      ['db', 'init', '--sqlite', database],
      ['db', 'status', '--sqlite', database],
    ],
    flamegraph: ['text', 'svg'].flatMap((format) => [
      ['flamegraph', ...where, '--format', format],
      ['flamegraph', folded, '--format', format],
    ]),
    query: [
      ['query', ...where, '--select', 'process,elapsed', '--sort', '-elapsed', '--limit', '20'],
      ['query', ...where, '--format', 'json'],
      ['query', ...where, '--format', 'csv'],
    ],
  };
}
