import type { RecordedPlan, RecordedSection } from './journal/recorded-plan.ts';

/** Which settings are not those that a journal records, as sentences: `[model] sweeps was "10", is "20"`. */
export function describeSettingsChange(then: RecordedPlan, now: RecordedPlan): readonly string[] {
  const sections = unionOf(Object.keys(then.sections), Object.keys(now.sections));
  return [
    // The seed itself is compared: how it came about does not matter.
    ...sectionChange('random', withoutSeed(then.random), withoutSeed(now.random)),
    ...sections.flatMap((section) => sectionChange(section, own(then.sections, section), own(now.sections, section))),
  ];
}

/** In what machines.json and `[run] order` are not those that a journal records. */
export function describePlanChange(then: RecordedPlan, now: RecordedPlan): readonly string[] {
  const names = unionOf(
    then.machines.map(({ name }) => name),
    now.machines.map(({ name }) => name),
  );
  const changes = names.flatMap((name) => {
    const [before, after] = [then, now].map(({ machines }) => {
      const machine = machines.find((it) => it.name === name);
      return machine && `weight ${machine.weight}, ${machine.cores} cores`;
    });
    return change(name, before, after);
  });
  return [...changes, ...change('[run] order', then.order, now.order)];
}

function sectionChange(section: string, then: RecordedSection = {}, now: RecordedSection = {}): readonly string[] {
  return unionOf(Object.keys(then), Object.keys(now)).flatMap((name) =>
    change(`[${section}] ${name}`, quote(own(then, name)), quote(own(now, name))),
  );
}

function change(what: string, then: string | undefined, now: string | undefined): readonly string[] {
  if (then === now) return [];
  if (then === undefined) return [`${what} was not there, is ${now}`];
  return [now === undefined ? `${what} was ${then}, is not there any more` : `${what} was ${then}, is ${now}`];
}

function quote(text: string | undefined): string | undefined {
  return text === undefined ? undefined : JSON.stringify(text);
}

/** Names come from files: one may be `toString` or `__proto__`. */
function own<Value>(record: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

function withoutSeed(random: RecordedSection): RecordedSection {
  return Object.fromEntries(Object.entries(random).filter(([name]) => name !== 'seed'));
}

function unionOf(a: readonly string[], b: readonly string[]): readonly string[] {
  return [...new Set([...a, ...b])];
}
