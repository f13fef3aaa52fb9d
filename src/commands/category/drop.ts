import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { formatCount, KernelscopeError, locateStore, openStore } from '../../core/index.ts';
import { askingContext, canAsk, loadPrompts } from '../ask-user.ts';
import { databaseFlags, storeChoice } from '../flags.ts';
import { KernelscopeCommand } from '../kernelscope-command.ts';

export class CategoryDrop extends KernelscopeCommand {
  static override summary = 'Delete a category with all its records; built-in ones stay.';
  static override examples = ['<%= config.bin %> category drop requests --yes'];
  static override args = {
    name: Args.string({ description: 'Name of the category.', required: true }),
  };
  static override flags = {
    yes: Flags.boolean({ char: 'y', summary: 'Do not ask; needed where there is no terminal.' }),
    ...databaseFlags,
  };

  async run(): Promise<{ readonly name: string; readonly dropped: boolean; readonly records: number }> {
    const { args, flags } = await this.parse(CategoryDrop);
    const { name } = args;
    const store = await openStore(locateStore(storeChoice(flags), process.env));
    try {
      const stored = (await store.status()).rows[name] ?? 0;
      if (!flags.yes && (await store.categories()).has(name) && !(await confirmed(name, stored))) {
        this.log(`${name} stays`);
        return { name, dropped: false, records: 0 };
      }
      const { records } = await store.dropCategory(name);
      this.log(`dropped ${name} and its ${formatCount(records)} records`);
      return { name, dropped: true, records };
    } finally {
      await store.close();
    }
  }
}

async function confirmed(name: string, records: number): Promise<boolean> {
  if (!canAsk()) {
    throw new KernelscopeError(
      'usage',
      `dropping '${name}' deletes its ${formatCount(records)} records, and nobody can be asked here`,
      { suggestions: [`say kernelscope category drop ${name} --yes`] },
    );
  }
  const { confirm } = await loadPrompts();
  const message = `Delete category ${name} and its ${formatCount(records)} records?`;
  return confirm({ message, default: false }, askingContext);
}
