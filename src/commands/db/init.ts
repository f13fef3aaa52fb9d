import { locateStore, makeDefaultFolder, openStore, type StoreChoice } from '../../core/index.ts';
import { canAsk, sayCommandLine } from '../ask-user.ts';
import { databaseFlags, storeChoice } from '../flags.ts';
import { askDatabase } from '../interactive/ask-database.ts';
import { KernelscopeCommand } from '../kernelscope-command.ts';

export class DbInit extends KernelscopeCommand {
  static override summary = 'Make the tables of a database; does nothing where they are there already.';
  static override examples = [
    '<%= config.bin %> db init',
    '<%= config.bin %> db init --sqlite kernelscope.db',
  ];
  static override flags = databaseFlags;

  async run(): Promise<{ readonly location: string; readonly created: boolean }> {
    const { flags } = await this.parse(DbInit);
    const isSaid = this.argv.length > 0 || !locateStore(storeChoice(flags), process.env).isDefault;
    const choice = isSaid || !canAsk() ? storeChoice(flags) : await this.#ask();
    const location = locateStore(choice, process.env);
    makeDefaultFolder(location);
    const store = await openStore(location, { create: true });
    try {
      const { created } = await store.init();
      this.log(`${store.location} ${created ? 'is ready' : 'was ready already'}`);
      return { location: store.location, created };
    } finally {
      await store.close();
    }
  }

  async #ask(): Promise<StoreChoice> {
    const { words, password } = await askDatabase(locateStore({}, process.env).address);
    sayCommandLine(['db', 'init', ...words]);
    const { flags } = await this.parse(DbInit, [...words]);
    return { ...storeChoice(flags), ...(password !== undefined && { dbpassword: password }) };
  }
}
