/** The commands whose compiled code goes into the binary: those that people wait for. They run one after the other in one process. */
export const recordedCommands: readonly (readonly string[])[] = [
  ['--version'],
  ['--help'],
  ['db', 'init', '--help'],
];
