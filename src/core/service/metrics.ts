import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** What a logger counts. */
export interface LoggerMetrics {
  readonly registry: Registry;
  readonly batches: Counter<'outcome'>;
  readonly entries: Counter<'category'>;
  readonly queuedBytes: Gauge;
  readonly appendSeconds: Histogram;
}

/** Makes a registry with what every Node process tells of itself. */
export function createRegistry(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return registry;
}

/** Adds what a logger counts to a registry. */
export function createLoggerMetrics(registry: Registry): LoggerMetrics {
  const registers = [registry];
  return {
    registry,
    batches: new Counter({
      name: 'kernelscope_batches_total',
      help: 'Batches by outcome: stored, repeated, or the code of the error',
      labelNames: ['outcome'],
      registers,
    }),
    entries: new Counter({
      name: 'kernelscope_entries_total',
      help: 'Entries stored, by category',
      labelNames: ['category'],
      registers,
    }),
    queuedBytes: new Gauge({
      name: 'kernelscope_queued_bytes',
      help: 'Bytes of bodies being stored',
      registers,
    }),
    appendSeconds: new Histogram({
      name: 'kernelscope_append_seconds',
      help: 'Time from a whole body to its commit',
      buckets: [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10],
      registers,
    }),
  };
}
