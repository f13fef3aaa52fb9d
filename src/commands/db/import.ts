import * as Args from '@oclif/core/args';
import { formatCount, locateStore, openStore, readLegacyRows } from '../../core/index.ts';
import { databaseFlags, storeChoice } from '../flags.ts';
import { KernelscopeCommand } from '../kernelscope-command.ts';

export class DbImport extends KernelscopeCommand {
  static override summary = 'Take over the records of a SQLite database that the kernelscope of 2016 made.';
  static override description =
    'Its leaf-first stacks are turned around, its microseconds become nanoseconds. Importing a file again stores nothing twice.';
  static override examples = ['<%= config.bin %> db import old.db --sqlite kernelscope.db'];
  static override args = { file: Args.string({ description: 'The old database.', required: true }) };
  static override flags = databaseFlags;

  async run(): Promise<{ readonly imported: number; readonly repeated: number }> {
    const { args, flags } = await this.parse(DbImport);
    const store = await openStore(locateStore(storeChoice(flags), process.env));
    const counts = { imported: 0, repeated: 0 };
    try {
      for await (const keyed of readLegacyRows(args.file)) {
        const [result] = await store.append([keyed]);
        const records = keyed.batch.entries.reduce((sum, { length }) => sum + length, 0);
        counts[result!.repeated ? 'repeated' : 'imported'] += records;
      }
      this.log(
        `imported ${formatCount(counts.imported)} records, ${formatCount(counts.repeated)} were there already`,
      );
      return counts;
    } finally {
      await store.close();
    }
  }
}
