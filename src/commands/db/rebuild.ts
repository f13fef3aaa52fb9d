import { formatCount, locateStore, openStore } from '../../core/index.ts';
import { databaseFlags, storeChoice } from '../flags.ts';
import { KernelscopeCommand } from '../kernelscope-command.ts';

export class DbRebuild extends KernelscopeCommand {
  static override summary = 'Make the summaries that flame graphs are drawn from anew, from the records.';
  static override description = 'For databases whose row tables were changed by other programs.';
  static override flags = databaseFlags;

  async run(): Promise<{ readonly batches: number }> {
    const { flags } = await this.parse(DbRebuild);
    const store = await openStore(locateStore(storeChoice(flags), process.env));
    try {
      const batches = await store.rebuild();
      this.log(`made the summaries of ${formatCount(batches)} batches anew`);
      return { batches };
    } finally {
      await store.close();
    }
  }
}
