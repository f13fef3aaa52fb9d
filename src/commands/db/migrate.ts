import { locateStore, type MigrateResult, openStore } from '../../core/index.ts';
import { databaseFlags, storeChoice } from '../flags.ts';
import { KernelscopeCommand } from '../kernelscope-command.ts';

export class DbMigrate extends KernelscopeCommand {
  static override summary = 'Bring a database up to date; a SQLite file is copied first.';
  static override description =
    'Does nothing where it is up to date. Stop the loggers first. Of a MySQL database make a backup with its own tools.';
  static override flags = databaseFlags;

  async run(): Promise<MigrateResult> {
    const { flags } = await this.parse(DbMigrate);
    const store = await openStore(locateStore(storeChoice(flags), process.env), { anyVersion: true });
    try {
      const result = await store.migrate();
      const { from, to, backup } = result;
      this.log(
        from === to
          ? `${store.location} is up to date`
          : `${store.location} went from version ${from} to ${to}`,
      );
      if (backup !== undefined) this.log(`the file as it was: ${backup}`);
      return result;
    } finally {
      await store.close();
    }
  }
}
