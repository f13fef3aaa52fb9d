import { locateStore, makeDefaultFolder, openStore } from '../../core/index.ts';
import { databaseFlags, storeChoice } from '../flags.ts';
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
    const location = locateStore(storeChoice(flags), process.env);
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
}
