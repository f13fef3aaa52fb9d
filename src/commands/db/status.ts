import {
  formatBytes,
  formatCount,
  formatTimestamp,
  locateStore,
  openStore,
  type StoreStatus,
} from '../../core/index.ts';
import { databaseFlags, storeChoice } from '../flags.ts';
import { KernelscopeCommand } from '../kernelscope-command.ts';

export class DbStatus extends KernelscopeCommand {
  static override summary = 'Show what a database holds: size, records, hosts, span of time, lost events.';
  static override flags = databaseFlags;

  async run(): Promise<StoreStatus> {
    const { flags } = await this.parse(DbStatus);
    const store = await openStore(locateStore(storeChoice(flags), process.env), { readOnly: true });
    try {
      const status = await store.status();
      for (const [name, value] of describe(status)) this.log(`${name.padEnd(9)}${value}`);
      return status;
    } finally {
      await store.close();
    }
  }
}

function describe(status: StoreStatus): readonly (readonly [string, string])[] {
  const time = (timeUs: number | null) => (timeUs === null ? 'none' : formatTimestamp(timeUs));
  return [
    ['location', status.location],
    ['version', String(status.schemaVersion)],
    ['size', formatBytes(status.sizeBytes)],
    ['hosts', formatCount(status.hosts)],
    ['batches', formatCount(status.batches)],
    ...Object.entries(status.rows).map(
      ([name, count]) => ['records', `${formatCount(count)} ${name}`] as const,
    ),
    ['first', time(status.firstTimeUs)],
    ['last', time(status.lastTimeUs)],
    ['lost', formatCount(status.lost)],
  ];
}
