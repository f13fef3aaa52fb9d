import type { Command } from '@oclif/core/command';

/** Every command by its id, loaded only when it runs; a new command is one more line here. */
export const commands: Readonly<Record<string, () => Promise<Command.Class>>> = {
  'category:add': async () => (await import('./category/add.ts')).CategoryAdd,
  'category:drop': async () => (await import('./category/drop.ts')).CategoryDrop,
  'category:list': async () => (await import('./category/list.ts')).CategoryList,
  'category:show': async () => (await import('./category/show.ts')).CategoryShow,
  check: async () => (await import('./check.ts')).Check,
  'db:init': async () => (await import('./db/init.ts')).DbInit,
  'db:import': async () => (await import('./db/import.ts')).DbImport,
  'db:migrate': async () => (await import('./db/migrate.ts')).DbMigrate,
  'db:prune': async () => (await import('./db/prune.ts')).DbPrune,
  'db:rebuild': async () => (await import('./db/rebuild.ts')).DbRebuild,
  'db:status': async () => (await import('./db/status.ts')).DbStatus,
  diff: async () => (await import('./diff.ts')).Diff,
  doctor: async () => (await import('./doctor.ts')).Doctor,
  flamegraph: async () => (await import('./flamegraph.ts')).Flamegraph,
  query: async () => (await import('./query.ts')).Query,
  log: async () => (await import('./log.ts')).Log,
  serve: async () => (await import('./serve/index.ts')).Serve,
  'serve:logger': async () => (await import('./serve/logger.ts')).ServeLogger,
  'serve:web': async () => (await import('./serve/web.ts')).ServeWeb,
  'trace:blockio': async () => (await import('./trace/blockio.ts')).TraceBlockio,
  'trace:offcpu': async () => (await import('./trace/offcpu.ts')).TraceOffcpu,
  'trace:offwake': async () => (await import('./trace/offwake.ts')).TraceOffwake,
  'trace:oncpu': async () => (await import('./trace/oncpu.ts')).TraceOncpu,
  'trace:runqlat': async () => (await import('./trace/runqlat.ts')).TraceRunqlat,
};
