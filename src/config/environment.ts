import type { Diagnostic } from '../core/diagnostic.ts';
import { nearestName } from '../core/nearest.ts';
import { type Layers, layOver, type Match, matchSection, namableSections } from './layers.ts';
import { stripPython } from './python-text.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

const prefix = 'JOB_SPLITTER_';

/** Variables of the program itself. */
const internal: ReadonlySet<string> = new Set(
  ['BUNDLE', 'ENGINE', 'NODE_OPTIONS', 'SELF_TEST', 'TARGET', 'UNPACKED', 'WORKER'].map((name) => prefix + name),
);

/**
 * `JOB_SPLITTER_RUN__RETRIES=0` sets `retries` in `[run]`, `JOB_SPLITTER_MODEL__SWEEPS=10` a value of the user's own.
 * Section and option are found without regard to case. A shell cannot spell names that hold other characters than
 * letters, digits and `_` this way; `-o` can. A variable that names no section is a warning: it may be meant for
 * another experiment.
 */
export function layEnvironment(layers: Layers, environment: Environment): Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  const setBy = new Map<string, string>();
  for (const variable of Object.keys(environment).sort()) {
    const value = environment[variable];
    if (value === undefined || !variable.startsWith(prefix) || internal.has(variable)) continue;
    const target = findTarget(layers, variable);
    if ('message' in target) {
      diagnostics.push(target);
      continue;
    }
    const { section, name } = target;
    const key = JSON.stringify([section, name]);
    const earlier = setBy.get(key);
    if (earlier !== undefined) diagnostics.push(rivals(earlier, variable, section, name));
    setBy.set(key, variable);
    layOver(layers, section, name, { value: stripPython(value), origin: `environment ${variable}` });
  }
  return diagnostics;
}

function rivals(a: string, b: string, section: string, name: string): Diagnostic {
  const message = `environment ${a} and ${b} both set [${section}] ${name}`;
  return { severity: 'error', message, hint: 'unset one of the two' };
}

/** The `__` between section and option is the last one whose left side is a section. */
function findTarget(layers: Layers, variable: string): { section: string; name: string } | Diagnostic {
  const rest = variable.slice(prefix.length);
  let ambiguous: Match | undefined;
  for (let at = rest.lastIndexOf('__'); at > 0; at = rest.lastIndexOf('__', at - 1)) {
    const name = rest.slice(at + 2).toLowerCase();
    if (name === '') continue;
    const match = matchSection(layers, rest.slice(0, at));
    if (match.kind === 'one') return { section: match.section, name };
    if (match.kind === 'several') ambiguous = match;
  }
  if (ambiguous?.kind === 'several') {
    const message = `environment ${variable} could mean ${ambiguous.sections.map((name) => `[${name}]`).join(' or ')}`;
    return { severity: 'error', message, hint: 'set the value with -o section.name=value' };
  }
  return warnNoSection(layers, variable, rest);
}

function warnNoSection(layers: Layers, variable: string, rest: string): Diagnostic {
  const at = rest.indexOf('__');
  if (at <= 0) {
    const message = `environment ${variable} sets nothing: two underscores stand between section and name`;
    return { severity: 'warning', message, hint: 'for example JOB_SPLITTER_RUN__RETRIES=0' };
  }
  const known = namableSections(layers);
  const near = nearestName(rest.slice(0, at), known);
  const hint = near === undefined ? `sections: ${listSome(known)}` : `is [${near}] meant?`;
  return { severity: 'warning', message: `environment ${variable} names no section of runner.config`, hint };
}

const listedMax = 20;

export function listSome(names: readonly string[]): string {
  return `${names.slice(0, listedMax).join(', ')}${names.length > listedMax ? ', …' : ''}`;
}
