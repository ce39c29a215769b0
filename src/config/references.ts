import type { ConfigEntry } from './config.ts';
import { defaultSection } from './ini.ts';
import { Interpolator } from './interpolate.ts';
import { type Layers, namableSections, type RawEntry } from './layers.ts';

/** Section → option → effective value. `DEFAULT` is among them where it holds something: it can be read like any other. */
export type Effective = ReadonlyMap<string, ReadonlyMap<string, ConfigEntry>>;

/**
 * Every section with `[DEFAULT]` flowed in and all references replaced. As in Python a reference that leads nowhere
 * is a mistake only where the value is read: `[DEFAULT] path = ${name}.dat` serves the sections that have a name.
 */
export function resolveReferences(layers: Layers): Effective {
  const defaults = layers.get(defaultSection) ?? new Map<string, RawEntry>();
  const interpolator = new Interpolator((section, name) => {
    const own = layers.get(section);
    return own && (own.get(name) ?? defaults.get(name))?.value;
  });
  const effective = new Map<string, Map<string, ConfigEntry>>();
  for (const section of namableSections(layers)) {
    if (section === defaultSection && defaults.size === 0) continue;
    const own = layers.get(section) ?? new Map<string, RawEntry>();
    const entries = new Map<string, ConfigEntry>();
    // Those of the section first, as Python lists them.
    for (const [name, entry] of own) entries.set(name, complete(entry, false));
    for (const [name, entry] of defaults) if (!own.has(name)) entries.set(name, complete(entry, true));
    for (const [name, entry] of entries) {
      const result = interpolator.interpolate(entry.value, section);
      entries.set(name, result.ok ? { ...entry, value: result.value } : { ...entry, problem: result.problem });
    }
    effective.set(section, entries);
  }
  return effective;
}

function complete({ value, origin, place }: RawEntry, inherited: boolean): ConfigEntry {
  const spelt = inherited ? `${origin} ([${defaultSection}])` : origin;
  return { value, origin: spelt, inherited, ...(place && { place }) };
}
