import type { AgreementPart } from './agreement.ts';
import type { Section } from './digest.ts';
import { countShares } from './equal-shares.ts';
import { formatCountOf } from './format-count.ts';
import { encodeJson } from './json.ts';
import type { ConfigFacts, MachineFacts, PlanFacts } from './plan-facts.ts';
import { spellCores } from './spell-cores.ts';

/** One value that is not the same: here, and where it is compared with. */
export interface PlanDifference {
  readonly part: AgreementPart;
  /** `[model] sweeps`, `lab2: cores`, `column 4`. */
  readonly what: string;
  /** `undefined`: there is none. */
  readonly here: string | undefined;
  readonly there: string | undefined;
}

/** Every value in which two plans differ; none: machines with these files may work together. */
export function findDifferences(here: PlanFacts, there: PlanFacts): readonly PlanDifference[] {
  const found = [
    ...poolDifferences(here.pool, there.pool),
    ...configDifferences(here.config, there.config),
    ...machineDifferences(here.machines, there.machines),
    ...headerDifferences(here.header, there.header),
  ];
  if (here.code !== there.code) found.push(differ('code', 'fingerprint', here.code, there.code));
  // What no value shows (a fixed seed in the entry, say) belongs to the code.
  if (found.length === 0 && here.planDigest !== there.planDigest) {
    found.push(differ('code', 'plan digest', here.planDigest, there.planDigest));
  }
  return found;
}

function differ(part: AgreementPart, what: string, here?: string, there?: string): PlanDifference {
  return { part, what, here, there };
}

function poolDifferences(here: PlanFacts['pool'], there: PlanFacts['pool']): PlanDifference[] {
  if (here.digest === there.digest) return [];
  if (here.jobs !== there.jobs) return [differ('pool', 'number of jobs', String(here.jobs), String(there.jobs))];
  if (here.first !== there.first) return [differ('pool', 'arguments of the first job', here.first, there.first)];
  if (here.last !== there.last) return [differ('pool', 'arguments of the last job', here.last, there.last)];
  return [differ('pool', 'digest (a job between the first and the last)', here.digest, there.digest)];
}

export function configDifferences(here: ConfigFacts, there: ConfigFacts): PlanDifference[] {
  return [
    ...(here.order === there.order ? [] : [differ('runner.config', '[run] order', here.order, there.order)]),
    ...sectionDifferences('random', here.random, there.random),
    ...unionOf(Object.keys(here.sections), Object.keys(there.sections)).flatMap((section) =>
      sectionDifferences(section, own(here.sections, section), own(there.sections, section)),
    ),
  ];
}

function sectionDifferences(section: string, here: Section | undefined, there: Section | undefined): PlanDifference[] {
  if ((here === undefined) !== (there === undefined)) {
    const present = (side: Section | undefined): string | undefined => (side === undefined ? undefined : 'present');
    return [differ('runner.config', `the section [${section}]`, present(here), present(there))];
  }
  return unionOf(Object.keys(here ?? {}), Object.keys(there ?? {})).flatMap((name) => {
    const [ours, theirs] = [own(here ?? {}, name), own(there ?? {}, name)];
    return ours === theirs ? [] : [differ('runner.config', `[${section}] ${name}`, spell(ours), spell(theirs))];
  });
}

/** Names come from files: one may be `toString` or `__proto__`. */
function own<Value>(record: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

export function machineDifferences(here: readonly MachineFacts[], there: readonly MachineFacts[]): PlanDifference[] {
  const [ours, theirs] = [here, there].map((machines) => countShares(machines.map(({ name }) => name)));
  if (ours !== theirs) return [differ('machines.json', 'the plan', spellPlan(here, ours), spellPlan(there, theirs))];
  return unionOf(
    here.map(({ name }) => name),
    there.map(({ name }) => name),
  ).flatMap((name) => {
    const ours = here.find((machine) => machine.name === name);
    const theirs = there.find((machine) => machine.name === name);
    if (ours === undefined || theirs === undefined) {
      return [differ('machines.json', `the machine ${name}`, spellMachine(ours), spellMachine(theirs))];
    }
    const [weight, cores] = [`${name}: weight`, `${name}: cores`];
    return [
      ...(ours.weight === theirs.weight ? [] : [differ('machines.json', weight, ours.weight, theirs.weight)]),
      ...(ours.cores === theirs.cores
        ? []
        : [differ('machines.json', cores, String(ours.cores), String(theirs.cores))]),
    ];
  });
}

function spellPlan(machines: readonly MachineFacts[], shares: number | undefined): string {
  if (shares !== undefined) return formatCountOf(shares, 'equal share');
  return `of ${machines.map(({ name }) => (name === 'all' ? 'N/A' : name)).join(', ')}`;
}

function headerDifferences(here: PlanFacts['header'], there: PlanFacts['header']): PlanDifference[] {
  if (here === null || there === null || here.length !== there.length) {
    const [ours, theirs] = [spellHeader(here), spellHeader(there)];
    return ours === theirs ? [] : [differ('header.csv', 'the header', ours, theirs)];
  }
  return here.flatMap((cell, at) =>
    cell === there[at] ? [] : [differ('header.csv', `column ${at + 1}`, spell(cell), spell(there[at]))],
  );
}

function spell(value: string | undefined): string | undefined {
  return value === undefined ? undefined : encodeJson(value);
}

function spellMachine(machine: MachineFacts | undefined): string | undefined {
  return machine && `weight ${machine.weight}, ${spellCores(machine.cores)}`;
}

function spellHeader(header: PlanFacts['header']): string {
  return header === null ? 'generated (the file is empty)' : encodeJson(header);
}

function unionOf(a: readonly string[], b: readonly string[]): readonly string[] {
  return [...new Set([...a, ...b])];
}
