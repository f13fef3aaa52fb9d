import { commands as registry } from '../src/commands/index.ts';

/** Every command class by its id, loaded: what oclif's explicit discovery wants to make a manifest from. */
export const commands = Object.fromEntries(
  await Promise.all(Object.entries(registry).map(async ([id, load]) => [id, await load()] as const)),
);
