import { getNodeValue, type Node, parseTree } from 'jsonc-parser';
import { type Diagnostic, failed, ok, type Result } from '../core/diagnostic.ts';
import { type MachineName, machineName } from '../core/ids.ts';
import { nearestName } from '../core/nearest.ts';
import { parseRatio, type Ratio } from '../core/ratio.ts';
import { whyNoSshHost } from '../core/remote/ssh-host.ts';
import { findBadCharacter, findUtf16 } from './encoding.ts';
import { findJsonMistake, machinesExample } from './json-mistakes.ts';
import { whyNoMachineName } from './machine-name.ts';
import { TextPlaces } from './text-places.ts';

export interface Machine {
  readonly name: MachineName;
  /** Relative speed of one core, exactly as the file's decimal text says. */
  readonly weight: Ratio;
  readonly cores: number;
  /** Where ssh finds it. */
  readonly host?: string;
}

/** More cores than any machine has: a typing error. */
export const coresMax = 65_536;
const mistakesMax = 20;
const fields = ['weight', 'cores', 'host'];
const example = `for example ${machinesExample}`;

/** All names are the template's, in angle brackets: the file was not filled in. */
export function machinesAreTemplate(text: string): boolean {
  const json = text.replace(/^\uFEFF/, '');
  if (findJsonMistake(json) !== undefined) return false;
  const names = parseTree(json)?.children?.map(({ children }) => children?.[0]?.value as unknown) ?? [];
  return names.length > 0 && names.every((name) => typeof name === 'string' && /^<.*>$/.test(name));
}

/** The machines in order of their names. Every mistake is reported with its place. */
export function parseMachines(text: string, file: string): Result<readonly Machine[]> {
  const utf16 = findUtf16(text, file);
  if (utf16 !== undefined) return failed(utf16);
  const json = text.replace(/^\uFEFF/, '');
  const bad = findBadCharacter(json, file);
  if (bad !== undefined) return failed({ ...bad, severity: 'error' });
  return new MachinesReader(json, file).read();
}

class MachinesReader {
  readonly #text: string;
  readonly #places: TextPlaces;
  readonly #mistakes: Diagnostic[] = [];
  #mistakeCount = 0;

  constructor(text: string, file: string) {
    this.#text = text;
    this.#places = new TextPlaces(text, file);
  }

  read(): Result<readonly Machine[]> {
    const machines = this.#readRoot();
    if (this.#mistakeCount > mistakesMax) {
      const message = `${this.#mistakeCount - mistakesMax} more mistakes in the machines`;
      this.#mistakes.push({ severity: 'error', message });
    }
    if (this.#mistakes.length > 0) return failed(...this.#mistakes);
    return ok(machines.sort((a, b) => (a.name < b.name ? -1 : 1)));
  }

  #readRoot(): Machine[] {
    const mistake = findJsonMistake(this.#text);
    if (mistake !== undefined) {
      this.#report(mistake.offset, mistake.message, mistake.hint);
      return [];
    }
    const root = parseTree(this.#text, [], { disallowComments: true });
    if (root?.type === 'object') return this.#readAll(root);
    const what =
      root?.type === 'array' ? 'must hold an object in { }, not a list in [ ]' : 'must hold an object in { }';
    this.#report(root?.offset ?? 0, what, example);
    return [];
  }

  #readAll({ offset, children: properties = [] }: Node): Machine[] {
    if (properties.length === 0) this.#report(offset, 'names no machine', example);
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
    // Some systems keep ü as one character in file names, others as two.
    const folded = name.normalize('NFC').toLowerCase();
    const earlier = lines.get(folded);
    const line = this.#places.at(key.offset).line;
    if (earlier !== undefined) {
      const message = `the machine ${JSON.stringify(name)} is there twice, first in line ${earlier}`;
      this.#report(key.offset, message, 'names must differ also without regard to case');
    }
    lines.set(folded, earlier ?? line);
  }

  #readMachine(name: MachineName, value: Node): Machine | undefined {
    if (value.type === 'array') return this.#readPair(name, value);
    if (value.type === 'object') return this.#readObject(name, value);
    const hint = value.type === 'number' ? `is [1, ${this.#source(value)}] meant?` : example;
    this.#report(value.offset, `a machine is [weight, cores], got ${this.#source(value)}`, hint);
    return undefined;
  }

  #readPair(name: MachineName, list: Node): Machine | undefined {
    const [weight, cores, more] = list.children ?? [];
    if (weight !== undefined && cores !== undefined && more === undefined) {
      return this.#complete(name, weight, cores, undefined);
    }
    const source = this.#source(list);
    this.#report((more ?? list).offset, `a machine is [weight, cores], got ${source}`, hintForPair(source));
    return undefined;
  }

  #readObject(name: MachineName, object: Node): Machine | undefined {
    const members = new Map<string, Node>();
    if (isWrapped(object)) {
      this.#report(object.offset, 'machines within a machine', `names stand in the outermost braces, ${example}`);
      return undefined;
    }
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
      // A misspelt name has been reported, with the right one.
      if ([...members.keys()].every((field) => fields.includes(field)))
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
    const source = this.#source(node);
    const isNumber = node.type === 'number';
    const weight = isNumber ? parseRatio(this.#text.slice(node.offset, node.offset + node.length)) : undefined;
    if (weight !== undefined && weight.numerator > 0n) return weight;
    if (isNumber && weight === undefined && !source.startsWith('-')) {
      this.#report(node.offset, `weight is out of range: ${source}`, 'from 1e-400 to 1e400');
      return undefined;
    }
    this.#report(node.offset, `weight must be a number above 0, got ${source}`, quoteHint(node, weightHint));
    return undefined;
  }

  #readCores(node: Node): number | undefined {
    const cores = Number(node.type === 'number' ? getNodeValue(node) : Number.NaN);
    if (Number.isInteger(cores) && cores > 0 && cores <= coresMax) return cores;
    const hint = quoteHint(node, `from 1 to ${coresMax}`);
    this.#report(node.offset, `cores must be a whole number above 0, got ${this.#source(node)}`, hint);
    return undefined;
  }

  #readHost(node: Node): string | undefined {
    const host: unknown = getNodeValue(node);
    const problem = typeof host === 'string' ? whyNoSshHost(host) : 'it is no text';
    if (typeof host === 'string' && problem === undefined) return host;
    const message = `host must be a name for ssh, got ${this.#source(node)}: ${problem}`;
    this.#report(node.offset, message, 'for example "me@lab1"');
    return undefined;
  }

  #source(node: Node): string {
    const text = this.#text.slice(node.offset, node.offset + node.length).replace(/\s+/g, ' ');
    return text.length > 60 ? `${text.slice(0, 57)}…` : text;
  }

  #report(offset: number, message: string, hint: string): void {
    if (++this.#mistakeCount > mistakesMax) return;
    this.#mistakes.push({ severity: 'error', message, place: this.#places.at(offset), hint });
  }
}

const weightHint = 'the relative speed of one core, for example 1.0';

function quoteHint({ type }: Node, otherwise: string): string {
  return type === 'string' ? 'write the number without quotes' : otherwise;
}

/** `[2,5, 8]` is three numbers where a comma was meant as a decimal point. */
function hintForPair(source: string): string {
  const [, whole, fraction, cores] = /^\[\s*(\d+),(\d+)\s*,\s*(\d+)\s*\]$/.exec(source) ?? [];
  if (whole !== undefined) return `is [${whole}.${fraction}, ${cores}] meant? Decimal numbers use a dot`;
  const [, only] = /^\[\s*(\d+)\s*\]$/.exec(source) ?? [];
  if (only !== undefined) return `is [1, ${only}] meant? Two numbers: relative speed of a core, and how many cores`;
  return 'two numbers: relative speed of a core, and how many cores';
}

/** `{ "machines": { "lab1": [1, 8] } }`. */
function isWrapped({ children = [] }: Node): boolean {
  const values = children.map((property) => property.children?.[1]?.type);
  return values.length > 0 && values.every((type) => type === 'array' || type === 'object');
}
