import type { Command } from '@oclif/core/command';
import { configFolders, findConfigFiles, locateStore, printable } from '../../core/index.ts';
import { KernelscopeCommand } from '../kernelscope-command.ts';
import { loadSettings, type SettableFlag, sharedSettings, supplyFlags } from './settings.ts';

/** A setting as it is shown. */
interface ShownSetting {
  readonly setting: string;
  readonly value: string;
  readonly origin: string;
}

const masked = '********';

export class ConfigShow extends KernelscopeCommand {
  static override summary =
    'Show the settings that hold here, each with where it comes from; secrets are masked.';
  static override description =
    'Flags come before the environment, the environment before the config file: $KERNELSCOPE_CONFIG, or kernelscope/kernelscope.toml or .json in $XDG_CONFIG_HOME (~/.config), then in /etc. Every flag of a command can be set in its table, such as limit = 20 in [query], or by a variable, such as KERNELSCOPE_QUERY_LIMIT.';
  static override examples = ['<%= config.bin %> config show', '<%= config.bin %> config show --json'];
  static override flags = {};

  async run(): Promise<readonly ShownSetting[]> {
    await this.parse(ConfigShow);
    const settings = [...(await sharedRows()), ...tokenRows(), ...(await commandRows(this.config.commands))];
    const widths = (['setting', 'value'] as const).map((key) =>
      Math.max(...settings.map((setting) => printable(setting[key]).length)),
    );
    for (const { setting, value, origin } of settings)
      this.log(`${setting.padEnd(widths[0]!)}  ${printable(value).padEnd(widths[1]!)}  ${printable(origin)}`);
    const files = findConfigFiles(process.env);
    this.say(
      files.length > 0
        ? `config: ${files.join(', ')}`
        : `no config file in ${configFolders(process.env).join(' or ')}`,
    );
    return settings;
  }
}

async function sharedRows(): Promise<readonly ShownSetting[]> {
  const entries = await loadSettings();
  return Object.entries(sharedSettings).flatMap(([name, { variables, isSecret }]) => {
    const show = (value: string, origin: string) => ({
      setting: name,
      value: isSecret ? masked : maskAddress(value),
      origin,
    });
    const [variable] = variables;
    if (process.env[variable]) return [show(process.env[variable], `$${variable}`)];
    const entry = entries.find(({ section, key }) => section === '' && key === name);
    if (entry !== undefined) return [show(String(entry.value), entry.file)];
    return name === 'db' ? [show(locateStore({}, process.env).address, 'default')] : [];
  });
}

/** The token itself has no flag: it comes from the environment, before any file that holds one. */
function tokenRows(): readonly ShownSetting[] {
  const variable = 'KERNELSCOPE_TOKEN';
  return process.env[variable] ? [{ setting: 'token', value: masked, origin: `$${variable}` }] : [];
}

/** Masks the password of an address, and rather too much than too little where it is none as it should be. */
function maskAddress(value: string): string {
  return value.replace(/(:\/\/[^:@]*):.*@/, `$1:${masked}@`);
}

async function commandRows(commands: readonly Command.Loadable[]): Promise<readonly ShownSetting[]> {
  const rows: ShownSetting[] = [];
  for (const { id, flags } of commands) {
    const known = flags as Readonly<Record<string, SettableFlag>>;
    for (const { flag, value, origin } of await supplyFlags(id, known, [])) {
      const isShared = Object.hasOwn(sharedSettings, flag);
      const isOwn = (await loadSettings()).some(({ section, key }) => section === id && key === flag);
      if (isShared && !isOwn) continue;
      const isSecret = flag === 'dbpassword';
      const text = Array.isArray(value) ? value.join(',') : String(value);
      rows.push({
        setting: `${id.replaceAll(':', '.')}.${flag}`,
        value: isSecret ? masked : maskAddress(text),
        origin,
      });
    }
  }
  return rows;
}
