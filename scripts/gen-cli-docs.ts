import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import type { Command } from '@oclif/core/command';
import { Config } from '@oclif/core/config';
import { CommandHelp } from '@oclif/core/help';
import { settings } from '@oclif/core/settings';
import { staticPlugin } from '../src/commands/static-plugin.ts';

/** Makes the text of docs/cli.md: the help of every command, as the command line prints it. */
export async function genCliDocs(): Promise<string> {
  settings.enableAutoTranspile = false;
  settings.columns = 100;
  const root = fileURLToPath(new URL('..', import.meta.url));
  const plugin = staticPlugin(root);
  const config = await Config.load({ root, pjson: plugin.pjson, plugins: new Map([[plugin.name, plugin]]) });
  const sections = plugin.commands
    .filter(({ hidden }) => !hidden)
    .map((command) => describe(command, config));
  return [
    '# The command line',
    'Made by `npm run gen` from the commands themselves; `kernelscope COMMAND --help` prints the same.',
    ...sections,
  ]
    .join('\n\n')
    .concat('\n');
}

function describe(command: Command.Loadable, config: Config): string {
  const name = command.id.replaceAll(':', ' ');
  const help = new CommandHelp({ ...command, id: name }, config, { maxWidth: 100, stripAnsi: true });
  const text = stripVTControlCharacters(help.generate())
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
    .trim();
  return `## kernelscope ${name}\n\n${command.summary ?? ''}\n\n\`\`\`text\n${text}\n\`\`\``;
}
