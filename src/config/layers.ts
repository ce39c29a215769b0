import type { Place } from '../core/diagnostic.ts';
import { defaultSection, type IniDocument } from './ini.ts';
import { settingsSections } from './settings-table.ts';

/** A value as it is written, before its references are replaced. */
export interface RawEntry {
  readonly value: string;
  readonly origin: string;
  readonly place?: Place;
}

/** Section → option → the value of the topmost layer that has one. `DEFAULT` is always there. */
export type Layers = Map<string, Map<string, RawEntry>>;

/** The lowest layer but the defaults. */
export function layersOf({ defaults, sections }: IniDocument): Layers {
  const layers: Layers = new Map();
  for (const [section, entries] of [[defaultSection, defaults] as const, ...sections]) {
    const raw = new Map<string, RawEntry>();
    for (const [name, { value, place }] of entries) {
      raw.set(name, { value, place, origin: `${place.file}:${place.line}` });
    }
    layers.set(section, raw);
  }
  return layers;
}

export function layOver(layers: Layers, section: string, name: string, entry: RawEntry): void {
  const entries = layers.get(section) ?? new Map<string, RawEntry>();
  entries.set(name, entry);
  layers.set(section, entries);
}

/** Sections that a flag or a variable may name: those of the file, then those of the settings. */
export function namableSections(layers: Layers): readonly string[] {
  return [...new Set([...layers.keys(), ...settingsSections])];
}

export type Match =
  | { readonly kind: 'one'; readonly section: string }
  | { readonly kind: 'several'; readonly sections: readonly string[] }
  | { readonly kind: 'none' };

/** Exactly as written, else a section of the settings in any case, else the only one that differs in case alone. */
export function matchSection(layers: Layers, wanted: string): Match {
  const known = namableSections(layers);
  if (known.includes(wanted)) return { kind: 'one', section: wanted };
  const folded = wanted.toLowerCase();
  const alike = known.filter((name) => name.toLowerCase() === folded);
  const [only] = alike.length === 1 ? alike : alike.filter((name) => settingsSections.includes(name));
  if (only !== undefined) return { kind: 'one', section: only };
  return alike.length === 0 ? { kind: 'none' } : { kind: 'several', sections: alike };
}
