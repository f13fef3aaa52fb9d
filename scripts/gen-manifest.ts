import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Plugin } from '@oclif/core/config';
import { settings } from '@oclif/core/settings';

/** Makes the text of src/commands/manifest.json: the command surface, which oclif reads instead of the commands. */
export async function genManifest(): Promise<string> {
  settings.enableAutoTranspile = false;
  const root = fileURLToPath(new URL('..', import.meta.url));
  const { name, version, description, oclif } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));
  const pjson = { name, version, description, oclif };
  const plugin = new Plugin({
    root,
    isRoot: true,
    ignoreManifest: true,
    errorOnManifestCreate: true,
    pjson: {
      ...pjson,
      type: 'module',
      oclif: {
        ...oclif,
        commands: { strategy: 'explicit', target: './scripts/load-commands.ts', identifier: 'commands' },
      },
    },
  });
  await plugin.load();
  const commands = Object.fromEntries(
    Object.entries(plugin.manifest.commands)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(
        ([
          id,
          { isESM: _, relativePath: __, pluginName: ___, pluginType: ____, pluginAlias: _____, ...command },
        ]) => [id, command],
      ),
  );
  return `${JSON.stringify({ package: pjson, commands }, null, 2)}\n`;
}
