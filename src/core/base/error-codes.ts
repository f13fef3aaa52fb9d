/**
 * Every code a KernelscopeError can carry, with the exit code of the command line, the status of the HTTP
 * services and what it means. `docs/errors.md` is generated from this table.
 */
export const errorCodes = {
  usage: { exitCode: 2, httpStatus: 400, meaning: 'A flag, argument or literal is not understood.' },
  unknown_category: { exitCode: 2, httpStatus: 400, meaning: 'No category of that name is declared.' },
  unknown_column: { exitCode: 2, httpStatus: 400, meaning: 'The category has no column of that name.' },
  unknown_operator: { exitCode: 2, httpStatus: 400, meaning: 'The comparison operator does not exist.' },
  bad_value: { exitCode: 2, httpStatus: 400, meaning: 'A value does not fit the type of its column.' },
  bad_query: { exitCode: 2, httpStatus: 400, meaning: 'The query is malformed.' },
  bad_category: { exitCode: 2, httpStatus: 400, meaning: 'The declaration of a category is not valid.' },
  category_exists: {
    exitCode: 2,
    httpStatus: 409,
    meaning: 'A category of that name is declared already, and differently.',
  },
  bad_config: {
    exitCode: 2,
    httpStatus: 400,
    meaning: 'The config file cannot be read, or says what means nothing.',
  },
  bad_batch: {
    exitCode: 2,
    httpStatus: 400,
    meaning: 'A batch of records is malformed; nothing of it was stored.',
  },
  bad_input: {
    exitCode: 2,
    httpStatus: 400,
    meaning: 'A file or stream is not in the format it should be in.',
  },
  not_found: { exitCode: 2, httpStatus: 404, meaning: 'The service has no such address.' },
  method_not_allowed: { exitCode: 2, httpStatus: 405, meaning: 'The address does not take that method.' },
  too_large: { exitCode: 2, httpStatus: 413, meaning: 'The body is larger than the service accepts.' },
  unsupported_media: {
    exitCode: 2,
    httpStatus: 415,
    meaning: 'The body is not JSON, or is encoded in a way that is not supported.',
  },
  unauthorized: { exitCode: 77, httpStatus: 401, meaning: 'A token is needed and none was given.' },
  forbidden: { exitCode: 77, httpStatus: 403, meaning: 'The token that was given is not the right one.' },
  queue_full: {
    exitCode: 69,
    httpStatus: 429,
    meaning: 'The logger has as much waiting as it may hold; try again after the time it names.',
  },
  database_missing: { exitCode: 2, httpStatus: 503, meaning: 'The database file does not exist.' },
  database_invalid: { exitCode: 2, httpStatus: 503, meaning: 'The file is not a kernelscope database.' },
  database_newer: {
    exitCode: 2,
    httpStatus: 503,
    meaning: 'The database was made by a newer kernelscope than this one.',
  },
  database_older: {
    exitCode: 2,
    httpStatus: 503,
    meaning: 'The database was made by an older kernelscope and must be migrated first.',
  },
  database_locked: { exitCode: 69, httpStatus: 503, meaning: 'Another process holds the database.' },
  database_readonly: { exitCode: 77, httpStatus: 503, meaning: 'The database may only be read.' },
  database_denied: {
    exitCode: 77,
    httpStatus: 503,
    meaning: 'The database server does not let this user in, or do that.',
  },
  database_full: { exitCode: 69, httpStatus: 503, meaning: 'The disk that holds the database is full.' },
  database_unavailable: {
    exitCode: 69,
    httpStatus: 503,
    meaning: 'The database cannot be reached, or failed to answer.',
  },
  backend_missing: { exitCode: 2, httpStatus: 400, meaning: 'No backend serves an address of that kind.' },
  timed_out: { exitCode: 69, httpStatus: 504, meaning: 'A question took longer than it may.' },
  service_unavailable: { exitCode: 69, httpStatus: 503, meaning: 'A service did not answer.' },
  spool_unusable: {
    exitCode: 69,
    httpStatus: 503,
    meaning: 'The folder where batches wait for a logger cannot be used.',
  },
  port_in_use: { exitCode: 69, httpStatus: 503, meaning: 'Another process listens on that port.' },
  permission_denied: { exitCode: 77, httpStatus: 403, meaning: 'The system refuses what was asked.' },
  cannot_trace: { exitCode: 69, httpStatus: 503, meaning: 'This host cannot run the trace program.' },
  helper_failed: { exitCode: 69, httpStatus: 503, meaning: 'The trace helper stopped on its own.' },
  asset_missing: {
    exitCode: 69,
    httpStatus: 503,
    meaning: 'A file that belongs to kernelscope is missing; it is not built or not whole.',
  },
  no_match: { exitCode: 3, httpStatus: 404, meaning: 'Nothing matched where something had to.' },
} as const satisfies Record<string, { exitCode: number; httpStatus: number; meaning: string }>;

export type ErrorCode = keyof typeof errorCodes;
