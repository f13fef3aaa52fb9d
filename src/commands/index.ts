import type { Command } from '@oclif/core/command';

/** Every command by its id, loaded only when it runs; a new command is one more line here. */
export const commands: Readonly<Record<string, () => Promise<Command.Class>>> = {
  'db:init': async () => (await import('./db/init.ts')).DbInit,
};
