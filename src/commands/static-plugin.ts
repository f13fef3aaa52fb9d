import type { Interfaces } from '@oclif/core';
import type { Command } from '@oclif/core/command';
import { commands } from './index.ts';
import manifest from './manifest.json' with { type: 'json' };

/**
 * Gives oclif the whole command tree from memory: the manifest holds what help needs, and a command's module is
 * loaded only when that command runs. Nothing is searched or read at start.
 */
export function staticPlugin(root: string): Interfaces.Plugin {
  const pjson = manifest.package as unknown as Interfaces.PJSON;
  const cached = manifest.commands as unknown as Record<string, Command.Cached>;
  const plugin: Interfaces.Plugin = {
    _base: '',
    alias: pjson.name,
    name: pjson.name,
    version: pjson.version,
    pjson,
    root,
    type: 'core',
    moduleType: 'module',
    options: { root },
    hooks: {},
    isRoot: true,
    valid: true,
    hasManifest: true,
    commandsDir: undefined,
    commandIDs: Object.keys(cached),
    topics: Object.entries(pjson.oclif.topics ?? {}).map(([name, topic]) => ({ ...topic, name })),
    commands: Object.entries(cached).map(([id, command]) => ({
      ...command,
      load: async () => loadCommand(id, plugin),
    })),
    findCommand: async (id: string) => loadCommand(id, plugin),
    load: async () => {},
  };
  return plugin;
}

async function loadCommand(id: string, plugin: Interfaces.Plugin): Promise<Command.Class> {
  const load = commands[id];
  if (load === undefined) throw new Error(`command '${id}' is in the manifest but not in the registry`);
  const command = await load();
  command.id = id;
  command.plugin = plugin;
  return command;
}
