import * as Flags from '@oclif/core/flags';
import {
  formatBytes,
  formatCount,
  locateStore,
  openStore,
  type PruneResult,
  parseSizeBytes,
} from '../../core/index.ts';
import { databaseFlags, durationNs, storeChoice } from '../flags.ts';
import { KernelscopeCommand } from '../kernelscope-command.ts';

export class DbPrune extends KernelscopeCommand {
  static override summary = 'Delete old records, and give the space back; loggers go on meanwhile.';
  static override examples = [
    '<%= config.bin %> db prune --older-than 7d',
    '<%= config.bin %> db prune --max-size 2GB',
  ];
  static override flags = {
    'older-than': durationNs({
      summary: 'Delete batches whose records are all older than this.',
      bareUnit: 's',
    }),
    'max-size': Flags.custom<number>({
      summary: 'Delete the oldest batches until the database is no larger.',
      helpValue: 'SIZE',
      parse: async (text) => parseSizeBytes(text),
    })(),
    ...databaseFlags,
  };

  async run(): Promise<PruneResult> {
    const { flags } = await this.parse(DbPrune);
    const store = await openStore(locateStore(storeChoice(flags), process.env));
    try {
      const olderThan = flags['older-than'];
      const maxSizeBytes = flags['max-size'];
      const result = await store.prune({
        ...(olderThan !== undefined && { olderThanUs: Date.now() * 1000 - olderThan / 1000 }),
        ...(maxSizeBytes !== undefined && { maxSizeBytes }),
      });
      this.log(
        `deleted ${formatCount(result.records)} records in ${formatCount(result.batches)} batches and ${formatCount(result.dictionaryEntries)} unused names; ${formatBytes(result.sizeBytes)} are left`,
      );
      return result;
    } finally {
      await store.close();
    }
  }
}
