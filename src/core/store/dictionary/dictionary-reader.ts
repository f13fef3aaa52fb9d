import type { Comparison } from '../../query/condition.ts';
import { matchText } from '../../query/match-text.ts';
import type { Sql } from '../../query/sql.ts';
import type { Labels } from '../../wire/batch.ts';
import type { StoreDialect } from '../dialect.ts';
import type { SqlConnection } from '../sql-connection.ts';
import { contentHash, MAX_PROBES } from './content-hash.ts';

/** Characters of names that are kept between look-ups; beyond it the cache starts over. */
const MAX_CACHED_CHARACTERS = 64 * 1024 * 1024;
/** Ids looked up by one statement. */
const IDS_PER_LOOKUP = 500;

/** A host with its labels. */
export interface Source {
  readonly id: number;
  readonly hostname: string;
  readonly labels: Labels;
}

function noNames() {
  return {
    source: new Map<number, string>(),
    string: new Map<number, string>(),
    stack: new Map<number, string>(),
  };
}

/** Reads the dictionaries of a database: names of ids, and ids of the names that satisfy a comparison. */
export class DictionaryReader {
  readonly #connection: SqlConnection;
  #names = noNames();
  #cachedCharacters = 0;

  constructor(connection: SqlConnection) {
    this.#connection = connection;
  }

  /** Every host and set of labels: there are few. */
  async sources(): Promise<readonly Source[]> {
    const rows = await this.#connection.all({ text: 'SELECT id, hostname, labels FROM source', params: [] });
    return rows.map(([id, hostname, labels]) => ({
      id: Number(id),
      hostname: hostname as string,
      labels: JSON.parse(labels as string) as Labels,
    }));
  }

  /** The names of ids, null for null: hostnames of sources, values of strings and stacks. */
  async names<T extends number | null>(
    dictionary: 'source' | 'string' | 'stack',
    ids: readonly T[],
  ): Promise<readonly (T extends null ? string | null : string)[]> {
    // Every name of this call must be there at its end, however many they are, and whoever else starts over meanwhile:
    // room is made before, not during, and in maps of its own.
    if (this.#cachedCharacters > MAX_CACHED_CHARACTERS) {
      this.#names = noNames();
      this.#cachedCharacters = 0;
    }
    const known = this.#names[dictionary];
    const missing = [...new Set(ids)].filter((id): id is T & number => id !== null && !known.has(id));
    const column = dictionary === 'source' ? 'hostname' : 'value';
    const { dialect } = this.#connection;
    for (let at = 0; at < missing.length; at += IDS_PER_LOOKUP) {
      const where = dialect.inIds('id', missing.slice(at, at + IDS_PER_LOOKUP));
      const rows = await this.#connection.all({
        text: `SELECT id, ${column} FROM ${dialect.quote(dictionary)} WHERE ${where.text}`,
        params: where.params,
      });
      for (const [id, name] of rows) {
        known.set(Number(id), name as string);
        this.#cachedCharacters += (name as string).length;
      }
    }
    return ids.map((id) => (id === null ? null : known.get(id))) as never;
  }

  /** Ids of the entries that a comparison, not a negated one, holds for. */
  async match(dictionary: 'string' | 'stack', comparison: Comparison): Promise<readonly number[]> {
    const { operator, value } = comparison;
    if (operator === '=') return this.#find(dictionary, [value as string]);
    if (operator === 'in') return this.#find(dictionary, value as readonly string[]);
    const { dialect } = this.#connection;
    const where = compileTextComparison(comparison, dialect);
    if (where !== undefined) {
      const rows = await this.#connection.all({
        text: `SELECT id FROM ${dialect.quote(dictionary)} WHERE ${where.text}`,
        params: where.params,
      });
      return rows.map(([id]) => Number(id));
    }
    return this.#filter(dictionary, await matchText(comparison));
  }

  /** Ids of these very texts, by their hashes. */
  async #find(dictionary: 'string' | 'stack', texts: readonly string[]): Promise<readonly number[]> {
    const { dialect } = this.#connection;
    const wanted = new Set(texts);
    const ids: number[] = [];
    for (const text of wanted) {
      const hash = contentHash(text);
      const rows = await this.#connection.all({
        text: `SELECT id, value FROM ${dialect.quote(dictionary)} WHERE hash >= ? AND hash < ?`,
        params: [hash, hash + MAX_PROBES],
      });
      ids.push(...rows.filter(([, value]) => value === text).map(([id]) => Number(id)));
    }
    return ids;
  }

  /** Every entry of a dictionary, by id and text, in chunks. */
  async *entries(
    dictionary: 'string' | 'stack',
  ): AsyncIterable<readonly (readonly [id: number, text: string])[]> {
    const text = `SELECT id, value FROM ${this.#connection.dialect.quote(dictionary)}`;
    for await (const chunk of this.#connection.stream({ text, params: [] }))
      yield chunk.map(([id, value]) => [Number(id), value as string]);
  }

  /** Ids of the texts that pass a test which only our own code can make. */
  async #filter(
    dictionary: 'string' | 'stack',
    matches: (text: string) => boolean,
  ): Promise<readonly number[]> {
    const ids: number[] = [];
    for await (const entries of this.entries(dictionary))
      for (const [id, text] of entries) if (matches(text)) ids.push(id);
    return ids;
  }
}

/** The comparisons that mean the same in every database: by the bytes of the text. */
function compileTextComparison({ operator, value }: Comparison, dialect: StoreDialect): Sql | undefined {
  const [stored, operand] = [dialect.exactText('value'), dialect.exactText('?')];
  switch (operator) {
    case '<':
    case '<=':
    case '>':
    case '>=':
      return { text: `${stored} ${operator} ${operand}`, params: [value as string] };
    case 'contains':
      return { text: `instr(${stored}, ${operand}) > 0`, params: [value as string] };
    default:
      return undefined;
  }
}
