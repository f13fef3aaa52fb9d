import { KernelscopeError } from '../base/kernelscope-error.ts';
import type { Category, Value } from '../category/define-category.ts';
import { type Condition, checkSize, negate, type Operator } from './condition.ts';
import { checkOperator, type Field, findField, isUnit, readLiteral } from './read-literal.ts';
import { pointAt, type Token, tokenizeWhere } from './tokenize-where.ts';

/** Deepest nesting of parentheses; more is no question that a person asks. */
const MAX_DEPTH = 100;

/**
 * Reads a where clause such as `elapsed > 5ms and (stack contains btrfs or not process in (dd, fio))` against the
 * columns of a category. `and` binds tighter than `or`; words need quotes only around spaces and signs. Times are
 * relative to `nowUs`. Throws `bad_query`, `unknown_column`, `unknown_operator` or `bad_value`, with the clause and a caret.
 */
export function parseWhere(source: string, category: Category, nowUs: number): Condition {
  return new WhereParser(source, category, nowUs).parse();
}

class WhereParser {
  readonly #source: string;
  readonly #category: Category;
  readonly #nowUs: number;
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;

  constructor(source: string, category: Category, nowUs: number) {
    this.#source = source;
    this.#category = category;
    this.#nowUs = nowUs;
    this.#tokens = tokenizeWhere(source);
  }

  parse(): Condition {
    const condition = this.#parseOr();
    if (this.#peek().kind !== 'end') throw this.#fail("expected 'and', 'or' or the end");
    return checkSize(condition);
  }

  #parseOr(): Condition {
    const conditions = [this.#parseAnd()];
    while (this.#acceptWord('or')) conditions.push(this.#parseAnd());
    return join('or', conditions);
  }

  #parseAnd(): Condition {
    const conditions = [this.#parseUnary()];
    while (this.#acceptWord('and')) conditions.push(this.#parseUnary());
    return join('and', conditions);
  }

  #parseUnary(): Condition {
    if (++this.#depth > MAX_DEPTH) throw this.#fail(`more than ${MAX_DEPTH} levels of nesting`);
    try {
      if (this.#acceptWord('not')) return negate(this.#parseUnary());
      if (this.#acceptSign('(')) {
        const condition = this.#parseOr();
        if (!this.#acceptSign(')')) throw this.#fail("expected ')'");
        return condition;
      }
      return this.#parseComparison();
    } finally {
      this.#depth--;
    }
  }

  #parseComparison(): Condition {
    const name = this.#peek();
    if (name.kind !== 'word' && name.kind !== 'quoted') throw this.#fail('expected a column');
    const field = this.#placed(name, () => findField(this.#category, name.text));
    this.#at++;
    const operator = this.#parseOperator(field);
    if (operator === 'is null' || operator === 'is not null') return compare(field, operator, null);
    if (operator === 'in' || operator === 'not in')
      return compare(field, operator, this.#parseList(field, operator));
    return compare(field, operator, this.#parseValue(field, operator));
  }

  #parseOperator(field: Field): Operator {
    const token = this.#peek();
    if (token.kind === 'sign' && !'(),'.includes(token.text)) {
      this.#at++;
      return this.#placed(token, () => checkOperator(field, token.text));
    }
    if (token.kind !== 'word') throw this.#fail(`expected an operator after '${field.name}'`);
    this.#at++;
    let text = token.text.toLowerCase();
    if (text === 'is') {
      const negated = this.#acceptWord('not');
      if (!this.#acceptWord('null')) throw this.#fail("expected 'null'");
      return negated ? 'is not null' : 'is null';
    }
    if (text === 'not') {
      const next = this.#peek();
      if (next.kind !== 'word') throw this.#fail("expected 'in' or 'contains' after 'not'");
      this.#at++;
      text = `not ${next.text.toLowerCase()}`;
    }
    return this.#placed(token, () => checkOperator(field, text));
  }

  #parseList(field: Field, operator: string): readonly Value[] {
    if (!this.#acceptSign('(')) throw this.#fail(`expected '(' and a list after '${operator}'`);
    const values = [this.#parseValue(field, operator)];
    while (this.#acceptSign(',')) values.push(this.#parseValue(field, operator));
    if (!this.#acceptSign(')')) throw this.#fail("expected ',' or ')'");
    return values;
  }

  #parseValue(field: Field, operator: string): string | number {
    const token = this.#peek();
    if (token.kind !== 'word' && token.kind !== 'quoted')
      throw this.#fail(`expected a value after '${operator}'`);
    this.#at++;
    let text = token.text;
    const next = this.#peek();
    if (token.kind === 'word' && next.kind === 'word' && goesOn(field, text, next.text)) {
      this.#at++;
      text += ` ${next.text}`;
    }
    return this.#placed(token, () => readLiteral(field, text, this.#nowUs));
  }

  #peek(): Token {
    return this.#tokens[this.#at]!;
  }

  #acceptWord(word: string): boolean {
    const token = this.#peek();
    const accepted = token.kind === 'word' && token.text.toLowerCase() === word;
    if (accepted) this.#at++;
    return accepted;
  }

  #acceptSign(sign: string): boolean {
    const token = this.#peek();
    const accepted = token.kind === 'sign' && token.text === sign;
    if (accepted) this.#at++;
    return accepted;
  }

  #fail(message: string): KernelscopeError {
    const token = this.#peek();
    const found = token.kind === 'end' ? 'the clause ends' : `there is '${token.text}'`;
    return pointAt(new KernelscopeError('bad_query', `${message}, and ${found}`), this.#source, token.start);
  }

  #placed<T>(token: Token, read: () => T): T {
    try {
      return read();
    } catch (error) {
      throw error instanceof KernelscopeError ? pointAt(error, this.#source, token.start) : error;
    }
  }
}

/** Tells whether two words without quotes are one value: a date and the time of day, as in 2016-10-24 17:12, a number and its unit. */
function goesOn(field: Field, text: string, next: string): boolean {
  if (field.type === 'timestamp') return /^\d{1,2}:\d/.test(next);
  return /^[\d.]+$/.test(text) && isUnit(field, next);
}

function compare(field: Field, operator: Operator, value: Value | readonly Value[]): Condition {
  return { kind: 'compare', field: field.name, operator, value };
}

function join(kind: 'and' | 'or', conditions: readonly Condition[]): Condition {
  if (conditions.length === 1) return conditions[0]!;
  // (a and b) and c is the same question as a and b and c, and prints as such.
  return { kind, conditions: conditions.flatMap((part) => (part.kind === kind ? part.conditions : [part])) };
}
