import { type Diagnostic, failed, ok, type Result } from './core/diagnostic.ts';
import { nearestName } from './core/nearest.ts';
import type { AnyExperiment } from './experiment.ts';

/** What a field must be, in words, and whether a value is that. */
type Kind = readonly [what: string, fits: (value: unknown) => boolean];

const isText = (value: unknown): boolean => typeof value === 'string';
const anything: Kind = ['', () => true];
const text: Kind = ['a text', isText];
const callable: Kind = ['a function', (value) => typeof value === 'function'];
const texts: Kind = ["a list of texts: ['size', 'energy']", (value) => Array.isArray(value) && value.every(isText)];
const seed: Kind = ['a text or a number', (value) => isText(value) || typeof value === 'number'];

/** What `jobs` may be is looked at when the pool is made. */
const fields: Readonly<Record<keyof AnyExperiment, Kind>> = {
  name: text,
  jobs: anything,
  job: callable,
  columns: texts,
  setup: callable,
  initializeWorker: callable,
  onResult: callable,
  reduce: callable,
  reduceStart: anything,
  teardown: callable,
  overrideSeed: seed,
};

/**
 * Whether an object is an experiment: nothing is needed but `jobs` and `job`, and what is named otherwise would be passed
 * over without a word; an object of a class may have fields of its own. (The compiler says the same, where it is asked.)
 * `file`: what it was found in.
 */
export function checkFields(value: object, file: string): Result<AnyExperiment> {
  const unknown = isPlain(value) ? Object.keys(value).filter((name) => !Object.hasOwn(fields, name)) : [];
  if (unknown.length > 0) return failed(...unknown.map((name) => refuseName(name, file, value)));
  const wrong = Object.entries(fields)
    .filter(([name, [, fits]]) => isGiven(value, name) && !fits(Reflect.get(value, name)))
    .map(([name, [what]]) => refuse(`${file}: ${name} of the experiment is not ${what}`));
  const missing = ['jobs', 'job']
    .filter((name) => !isGiven(value, name))
    .map((name) =>
      refuse(`${file}: the experiment has no ${name}`, 'for example jobs: range(10), job: (n) => [n, n * n]'),
    );
  const problems = [...missing, ...wrong];
  return problems.length > 0 ? failed(...problems) : ok(isPlain(value) ? (value as AnyExperiment) : gather(value));
}

/** A plain object from one of a class: nobody further on has to know on what the functions are called. */
function gather(value: object): AnyExperiment {
  const given = Object.keys(fields).filter((name) => isGiven(value, name));
  const members = given.map((name) => [name, Reflect.get(value, name)] as const);
  const bound = members.map(([name, it]) => [name, typeof it === 'function' ? it.bind(value) : it]);
  return Object.fromEntries(bound) as AnyExperiment;
}

function refuseName(name: string, file: string, value: object): Diagnostic {
  const free = Object.keys(fields).filter((it) => !isGiven(value, it));
  const near = nearestName(name, free);
  return refuse(
    `${file}: an experiment has no field ${JSON.stringify(name)}`,
    near === undefined ? `its fields: ${Object.keys(fields).join(', ')}` : `is ${near} meant?`,
  );
}

const isGiven = (value: object, name: string): boolean => Reflect.get(value, name) !== undefined;

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function refuse(message: string, hint?: string): Diagnostic {
  return { severity: 'error', message, ...(hint !== undefined && { hint }) };
}
