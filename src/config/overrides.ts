import type { Diagnostic } from '../core/diagnostic.ts';
import { nearestName } from '../core/nearest.ts';
import { listSome } from './environment.ts';
import { defaultSection } from './ini.ts';
import { type Layers, layOver, matchSection, namableSections } from './layers.ts';
import { stripPython } from './python-text.ts';
import { settingsSections } from './settings-table.ts';

/**
 * `-o run.retries=0`. May add an option to a section of the user's, but no section: a typing error must not end in
 * a run with the old values.
 */
export function layOverrides(layers: Layers, overrides: readonly string[]): Diagnostic[] {
  return overrides.flatMap((override) => layOverride(layers, override) ?? []);
}

function layOverride(layers: Layers, override: string): Diagnostic | undefined {
  const equals = override.indexOf('=');
  const path = equals < 0 ? '' : stripPython(override.slice(0, equals));
  if (path.lastIndexOf('.') <= 0 || path.endsWith('.')) {
    const message = `-o ${override}: not of the form section.name=value`;
    return { severity: 'error', message, hint: 'for example -o run.retries=0' };
  }
  const target = splitPath(layers, path);
  if (target === undefined) return refuseSection(layers, override, path);
  const { section, name } = target;
  const warning = warnOfAddition(layers, override, section, name);
  const value = stripPython(override.slice(equals + 1));
  layOver(layers, section, name, { value, origin: `flag -o ${section}.${name}` });
  return warning;
}

/** Sections and options may both hold dots: where several splits are possible, one that names an existing option. */
function splitPath(layers: Layers, path: string): { section: string; name: string } | undefined {
  let found: { section: string; name: string } | undefined;
  for (let dot = path.lastIndexOf('.'); dot > 0; dot = path.lastIndexOf('.', dot - 1)) {
    const match = matchSection(layers, stripPython(path.slice(0, dot)));
    const name = stripPython(path.slice(dot + 1)).toLowerCase();
    if (match.kind !== 'one' || name === '') continue;
    const { section } = match;
    if (layers.get(section)?.has(name) === true) return { section, name };
    found ??= { section, name };
  }
  return found;
}

function refuseSection(layers: Layers, override: string, path: string): Diagnostic {
  const section = stripPython(path.slice(0, path.lastIndexOf('.')));
  const match = matchSection(layers, section);
  const known = namableSections(layers);
  if (match.kind === 'several') {
    const hint = `write one of ${match.sections.join(', ')} exactly`;
    return { severity: 'error', message: `-o ${override}: several sections are called [${section}]`, hint };
  }
  const near = nearestName(section, known);
  const hint =
    near === undefined
      ? `sections: ${listSome(known)}; add a line [${section}] to runner.config to have one more`
      : `is ${near} meant?`;
  return { severity: 'error', message: `-o ${override}: there is no section [${section}]`, hint };
}

/** A new option whose name is almost that of another may be a typing error. Settings are checked elsewhere. */
function warnOfAddition(layers: Layers, override: string, section: string, name: string): Diagnostic | undefined {
  const own = layers.get(section);
  const inherited = layers.get(defaultSection);
  if (settingsSections.includes(section) || own?.has(name) === true || inherited?.has(name) === true) return undefined;
  const near = nearestName(name, [...(own?.keys() ?? []), ...(inherited?.keys() ?? [])]);
  if (near === undefined) return undefined;
  const message = `-o ${override} adds ${name} to [${section}]`;
  return { severity: 'warning', message, hint: `is ${near} meant?` };
}
