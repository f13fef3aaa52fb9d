/** The public API of kernelscope as a library; the commands use nothing else. */

import type { KeyedBatch } from './store/store.ts';
import type { TraceProgram } from './trace/trace-program.ts';

export { deliverToLogger } from './agent/deliver-to-logger.ts';
export type { Delivery, DeliveryOutcome } from './agent/delivery.ts';
export { type ChosenSpool, locateSpool, nameDestination } from './agent/locate-spool.ts';
export { makeBatch } from './agent/make-batch.ts';
export type { Parcel } from './agent/parcel.ts';
export { shipFlushes } from './agent/ship-flushes.ts';
export { Shipper, type ShipState } from './agent/shipper.ts';
export { openSpool, type Spool, type SpoolLimits } from './agent/spool.ts';
export { type ErrorCode, errorCodes } from './base/error-codes.ts';
export { KernelscopeError } from './base/kernelscope-error.ts';
export { suggestNames } from './base/names.ts';
export { printable } from './base/printable.ts';
export { formatTimestamp, parseTimestampUs } from './base/timestamp.ts';
export {
  formatBytes,
  formatCount,
  formatDurationNs,
  nsPerUnit,
  parseDurationNs,
  parseSizeBytes,
} from './base/units.ts';
export type {
  AnswerColumn,
  AnswerRow,
  AnswerType,
  AnswerValue,
  Histogram,
} from './category/answer-column.ts';
export {
  type Category,
  type Column,
  type ColumnName,
  columnTypes,
  defineCategory,
  entryColumns,
  findColumn,
  type Row,
  type Value,
} from './category/define-category.ts';
export {
  type EntryColumns,
  makeEntries,
  type NumberColumn,
  type PlainEntries,
  type TextColumn,
  valueAt,
} from './category/entry-columns.ts';
export { builtInCategories, categoriesOnDemand, offcputime } from './category/index.ts';
export { parseColumn, prettyName, printColumn, readDeclaration } from './category/read-declaration.ts';
export { type ComparedRuns, compareRuns, type Run } from './compare/compare-runs.ts';
export { describeNormalization } from './compare/describe-normalization.ts';
export { judgeGrowth } from './compare/judge-growth.ts';
export { judgeLimit, type Outcome } from './compare/judge-limit.ts';
export { type Normalization, parseNormalization } from './compare/parse-normalization.ts';
export { configFolders, findConfigFiles } from './config/config-files.ts';
export { type ConfigEntry, type ConfigValue, readConfig } from './config/read-config.ts';
export type { HostCheck } from './doctor/check-host.ts';
export type { Diagnosis, ProgramVerdict } from './doctor/examine-host.ts';
export { readFileChunks } from './import/read-file-chunks.ts';
export type { ReadProgress } from './import/records/read-batches.ts';
export type { RecordFormat } from './import/records/record-format.ts';
export { answerColumns } from './query/answer-columns.ts';
export { checkPatterns } from './query/check-patterns.ts';
export { allOf, always, type Condition } from './query/condition.ts';
export { encodeQuery } from './query/encode-query.ts';
export { type GroupWords, makeGroupQuery } from './query/make-group-query.ts';
export { compilePattern } from './query/match-text.ts';
export { parseAggregate, parseGroupKey } from './query/parse-groups.ts';
export { columnOf, parseGrowth, parseLimit, parseSingleAggregate } from './query/parse-limit.ts';
export {
  chooseStackColumns,
  parseQueries,
  parseQuery,
  parseSortKey,
  requireColumn,
} from './query/parse-query.ts';
export { parseWhere } from './query/parse-where.ts';
export { printWhere } from './query/print-where.ts';
export type { Aggregate, GroupKey, GroupQuery, Query, RowQuery, SortKey, StackQuery } from './query/query.ts';
export { type Filters, parseLabels, readFilters } from './query/read-filters.ts';
export type { CheckedCondition, CheckReport } from './render/check/check-report.ts';
export { describeGrowth, describeLimit } from './render/check/describe-verdict.ts';
export { type CheckFormat, checkRenderers } from './render/check/index.ts';
export type { DiffOptions } from './render/diff/diff-options.ts';
export { type DiffFormat, diffRenderers } from './render/diff/index.ts';
export { type OutputFormat, renderers } from './render/index.ts';
export type { Renderer, RenderOptions } from './render/render-options.ts';
export { fitStack } from './render/rows/fit-stack.ts';
export { formatCell } from './render/rows/format-cell.ts';
export { formatStats } from './render/rows/format-stats.ts';
export { type RowFormatName, rowFormats } from './render/rows/index.ts';
export type { RowFormat, RowPrintOptions, RowStream } from './render/rows/row-format.ts';
export { pressKey } from './render/terminal-viewer/press-key.ts';
export { pressMouse } from './render/terminal-viewer/press-mouse.ts';
export { printScreen } from './render/terminal-viewer/print-screen.ts';
export { type InputEvent, readInput } from './render/terminal-viewer/read-input.ts';
export { resizeViewer } from './render/terminal-viewer/resize-viewer.ts';
export { enterScreen, leaveScreen, paintScreen } from './render/terminal-viewer/screen-codes.ts';
export { startViewer } from './render/terminal-viewer/viewer-state.ts';
export { cellsOf, truncateCells } from './render/text-cells.ts';
export type { ListenOptions, RunningServices, ServeOptions } from './service/serve.ts';
export { buildTree } from './stack/build-tree.ts';
export type { FrameTree, WeightedStack } from './stack/frame-tree.ts';
export { type TreeTransforms, transformTree } from './stack/transform-tree.ts';
export { addOnDemand } from './store/categories-on-demand.ts';
export { collectStats, type RecordStats } from './store/collect-stats.ts';
export { createStatements } from './store/create-statements.ts';
export { dialects } from './store/dialects.ts';
export { findTimeSpanUs } from './store/find-time-span.ts';
export {
  askSql,
  type OpenOptions,
  openSource,
  openStore,
  parseLocation,
  type SqlPage,
  type StoreLocation,
} from './store/index.ts';
export { type ChosenLocation, locateStore, type StoreChoice } from './store/locate-store.ts';
export { makeDefaultFolder } from './store/make-default-folder.ts';
export { listRuns, type MeasuredRun, measureRuns } from './store/measure-runs.ts';
export type { MigrateResult } from './store/migrate.ts';
export type { PruneOptions, PruneResult } from './store/prune.ts';
export type {
  AppendResult,
  GroupChunk,
  KeyedBatch,
  RecordSource,
  Scope,
  Store,
  StoreStatus,
} from './store/store.ts';
export { weighGroups } from './store/weigh-groups.ts';
export { findCgroup } from './trace/find-cgroup.ts';
export type { HeldCommand } from './trace/hold-command.ts';
export type { Flush, TraceOptions, TraceProgram } from './trace/trace-program.ts';
export type { Batch, Labels } from './wire/batch.ts';
export { decodeBatch } from './wire/decode-batch.ts';
export { encodeBatch, rowEncoder } from './wire/encode-batch.ts';

/** Runs services; loaded when it is called, for an HTTP server is much to start with. */
export async function serve(
  options: import('./service/serve.ts').ServeOptions,
): Promise<import('./service/serve.ts').RunningServices> {
  return (await import('./service/serve.ts')).serve(options);
}

/** Gives what traces this host; loaded when it is called. */
export async function loadTrace() {
  const [
    { tracePrograms },
    { holdCommand, sudoUser },
    { parseTaskStates },
    { runTrace },
    { whyCannotTrace },
  ] = await Promise.all([
    import('./trace/index.ts'),
    import('./trace/hold-command.ts'),
    import('./trace/task-states.ts'),
    import('./trace/run-trace.ts'),
    import('./trace/why-cannot-trace.ts'),
  ]);
  return { tracePrograms, holdCommand, sudoUser, parseTaskStates, runTrace, whyCannotTrace };
}

/** Says what this process can trace on this host; loaded when it is called. */
export async function examineHost(
  programs: readonly TraceProgram[],
): Promise<import('./doctor/examine-host.ts').Diagnosis> {
  return (await import('./doctor/examine-host.ts')).examineHost(programs);
}

/** Reads the database of a kernelscope of 2016 as batches; loaded when it is called. */
export async function* readLegacyRows(file: string): AsyncIterable<KeyedBatch> {
  yield* (await import('./store/legacy-rows.ts')).readLegacyRows(file);
}

/** Gives what reads records of people's own formats and brings them to where they are kept; loaded when it is called. */
export async function loadRecordReader() {
  const [
    { openInput },
    { recordFormats },
    { compilePattern },
    mapping,
    reading,
    { holdBatches },
    delivering,
    asking,
  ] = await Promise.all([
    import('./import/open-input.ts'),
    import('./import/records/index.ts'),
    import('./import/records/lines.ts'),
    import('./import/records/map-fields.ts'),
    import('./import/records/read-batches.ts'),
    import('./agent/hold-batches.ts'),
    import('./agent/deliver-batches.ts'),
    import('./agent/ask-categories.ts'),
  ]);
  const { readOrigins } = mapping;
  const { newProgress, readBatches } = reading;
  const { deliverBatches } = delivering;
  const { askCategories } = asking;
  return {
    openInput,
    recordFormats,
    compilePattern,
    readOrigins,
    newProgress,
    readBatches,
    holdBatches,
    deliverBatches,
    askCategories,
  };
}

/** Reads stacks in any of the input formats, told from the first bytes without a name; loaded when it is called. */
export async function readStacks(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  formatName?: string,
) {
  const [{ requireName }, { stackFormats }, { readStacks: read }] = await Promise.all([
    import('./base/names.ts'),
    import('./import/index.ts'),
    import('./import/read-stacks.ts'),
  ]);
  return read(
    chunks,
    formatName === undefined ? undefined : requireName(formatName, stackFormats, 'input format'),
  );
}
