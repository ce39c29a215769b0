import { getNodeValue, type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser';
import { type Diagnostic, failed, ok, type Place, type Result } from '../core/diagnostic.ts';
import { type MachineName, machineName } from '../core/ids.ts';
import { nearestName } from '../core/nearest.ts';
import { parseRatio, type Ratio } from '../core/ratio.ts';
import { whyNoMachineName } from './machine-name.ts';

export interface Machine {
  readonly name: MachineName;
  /** Relative speed of one core, exactly as the file's decimal text says. */
  readonly weight: Ratio;
  readonly cores: number;
  /** Where ssh finds it. */
  readonly host?: string;
}

/** More cores than any machine has: a typing error. */
const coresMax = 65_536;
const fields = ['weight', 'cores', 'host'];

/** Names in angle brackets are the template's: the file was not filled in. */
export function machinesAreTemplate(text: string): boolean {
  return /"<[^"]*>"\s*:/.test(text);
}

/** The machines in order of their names. Every mistake is reported with its place. */
export function parseMachines(text: string, file: string): Result<readonly Machine[]> {
  const reader = new MachinesReader(text.replace(/^\uFEFF/, ''), file);
  return reader.read();
}

class MachinesReader {
  readonly #text: string;
  readonly #file: string;
  readonly #mistakes: Diagnostic[] = [];

  constructor(text: string, file: string) {
    this.#text = text;
    this.#file = file;
  }

  read(): Result<readonly Machine[]> {
    const errors: ParseError[] = [];
    const root = parseTree(this.#text, errors, { allowTrailingComma: false });
    const [error] = errors;
    if (error !== undefined) this.#report(error.offset, `${spellSyntaxError(error)}`, syntaxHint(error));
    else if (root?.type !== 'object') this.#report(0, 'must hold an object', `for example ${example}`);
    const machines = error === undefined && root?.type === 'object' ? this.#readAll(root.children ?? []) : [];
    if (this.#mistakes.length > 0) return failed(...this.#mistakes);
    return ok(machines.sort((a, b) => (a.name < b.name ? -1 : 1)));
  }

  #readAll(properties: readonly Node[]): Machine[] {
    if (properties.length === 0) this.#report(0, 'names no machine', `for example ${example}`);
    const machines: Machine[] = [];
    const lines = new Map<string, number>();
    for (const property of properties) {
      const [key, value] = property.children ?? [];
      if (key === undefined || value === undefined) continue;
      const name = String(getNodeValue(key));
      this.#checkName(name, key, lines);
      const machine = this.#readMachine(machineName(name), value);
      if (machine !== undefined) machines.push(machine);
    }
    return machines;
  }

  #checkName(name: string, key: Node, lines: Map<string, number>): void {
    const problem = whyNoMachineName(name);
    if (problem !== undefined) this.#report(key.offset, problem.message, problem.hint);
    const folded = name.toLowerCase();
    const earlier = lines.get(folded);
    const line = this.#place(key.offset).line;
    if (earlier !== undefined) {
      const message = `the machine ${JSON.stringify(name)} is there twice, first in line ${earlier}`;
      this.#report(key.offset, message, 'names must differ also without regard to case');
    }
    lines.set(folded, earlier ?? line);
  }

  #readMachine(name: MachineName, value: Node): Machine | undefined {
    if (value.type === 'array') return this.#readPair(name, value);
    if (value.type === 'object') return this.#readObject(name, value);
    this.#report(value.offset, `a machine is [weight, cores], got ${this.#source(value)}`, `for example ${example}`);
    return undefined;
  }

  #readPair(name: MachineName, list: Node): Machine | undefined {
    const [weight, cores, more] = list.children ?? [];
    if (weight === undefined || cores === undefined || more !== undefined) {
      const hint = 'two numbers: relative speed of a core, and how many cores';
      this.#report((more ?? list).offset, `a machine is [weight, cores], got ${this.#source(list)}`, hint);
      return undefined;
    }
    return this.#complete(name, weight, cores, undefined);
  }

  #readObject(name: MachineName, object: Node): Machine | undefined {
    const members = new Map<string, Node>();
    for (const { children, offset } of object.children ?? []) {
      const [key, value] = children ?? [];
      if (key === undefined || value === undefined) continue;
      const field = String(getNodeValue(key));
      if (!fields.includes(field)) this.#reportField(field, offset);
      else if (members.has(field)) this.#report(offset, `${field} is there twice`, 'keep one of the two');
      members.set(field, value);
    }
    const [weight, cores] = [members.get('weight'), members.get('cores')];
    if (weight === undefined || cores === undefined) {
      const missing = weight === undefined ? 'weight' : 'cores';
      this.#report(object.offset, `${missing} is missing`, 'write {"weight": 1, "cores": 8}');
      return undefined;
    }
    return this.#complete(name, weight, cores, members.get('host'));
  }

  #reportField(field: string, offset: number): void {
    const near = nearestName(field, fields);
    const hint = near === undefined ? `known: ${fields.join(', ')}` : `is ${near} meant?`;
    this.#report(offset, `a machine has no ${JSON.stringify(field)}`, hint);
  }

  #complete(name: MachineName, weightNode: Node, coresNode: Node, hostNode: Node | undefined): Machine | undefined {
    const weight = this.#readWeight(weightNode);
    const cores = this.#readCores(coresNode);
    const host = hostNode && this.#readHost(hostNode);
    if (weight === undefined || cores === undefined) return undefined;
    return { name, weight, cores, ...(host !== undefined && { host }) };
  }

  #readWeight(node: Node): Ratio | undefined {
    const weight = node.type === 'number' ? parseRatio(this.#source(node)) : undefined;
    if (weight !== undefined && weight.numerator > 0n) return weight;
    const hint =
      node.type === 'string' ? 'write the number without quotes' : 'the relative speed of one core, for example 1.0';
    this.#report(node.offset, `weight must be a number above 0, got ${this.#source(node)}`, hint);
    return undefined;
  }

  #readCores(node: Node): number | undefined {
    const cores = Number(node.type === 'number' ? getNodeValue(node) : Number.NaN);
    if (Number.isInteger(cores) && cores > 0 && cores <= coresMax) return cores;
    const hint = node.type === 'string' ? 'write the number without quotes' : `from 1 to ${coresMax}`;
    this.#report(node.offset, `cores must be a whole number above 0, got ${this.#source(node)}`, hint);
    return undefined;
  }

  #readHost(node: Node): string | undefined {
    const host: unknown = getNodeValue(node);
    // A host that begins with a dash would be taken for an option by ssh.
    if (typeof host === 'string' && /^[^\s-][^\s]*$/.test(host)) return host;
    this.#report(node.offset, `host must be a name for ssh, got ${this.#source(node)}`, 'for example "me@lab1"');
    return undefined;
  }

  #source(node: Node): string {
    const text = this.#text.slice(node.offset, node.offset + node.length).replace(/\s+/g, ' ');
    return text.length > 60 ? `${text.slice(0, 57)}…` : text;
  }

  #report(offset: number, message: string, hint: string): void {
    this.#mistakes.push({ severity: 'error', message, place: this.#place(offset), hint });
  }

  #place(offset: number): Place {
    const before = this.#text.slice(0, offset).split(/\r\n|\n|\r/);
    const line = before.length;
    const text = this.#text.split(/\r\n|\n|\r/)[line - 1] ?? '';
    return { file: this.#file, line, column: (before.at(-1) ?? '').length + 1, text };
  }
}

const example = '{ "lab1": [1.0, 8], "lab2": [2.5, 16] }';

function spellSyntaxError({ error }: ParseError): string {
  const code = printParseErrorCode(error);
  return syntaxErrors.get(code)?.message ?? `not JSON (${code})`;
}

function syntaxHint({ error }: ParseError): string {
  return syntaxErrors.get(printParseErrorCode(error))?.hint ?? `for example ${example}`;
}

const syntaxErrors: ReadonlyMap<string, { readonly message: string; readonly hint: string }> = new Map([
  ['CommaExpected', { message: 'a comma is missing before this', hint: 'put , after the entry before it' }],
  ['ColonExpected', { message: 'a colon is missing before this', hint: 'write "name": [weight, cores]' }],
  [
    'PropertyNameExpected',
    { message: 'a name in double quotes is missing here', hint: 'no comma after the last entry' },
  ],
  ['ValueExpected', { message: 'a value is missing here', hint: 'no comma after the last one' }],
  ['CloseBraceExpected', { message: 'the closing } is missing', hint: 'close the list of machines with }' }],
  ['CloseBracketExpected', { message: 'the closing ] is missing', hint: 'write [weight, cores]' }],
  ['EndOfFileExpected', { message: 'nothing may follow the closing }', hint: 'one object holds all machines' }],
  ['InvalidSymbol', { message: 'not a JSON value', hint: 'names stand in double quotes, numbers use a dot' }],
  ['InvalidNumberFormat', { message: 'not a number', hint: 'numbers use a dot, for example 2.5' }],
  ['UnexpectedEndOfString', { message: 'the closing quote is missing', hint: 'names stand in double quotes' }],
]);
