/** Looks an option up as it is written, `DEFAULT` included; `undefined` where there is none. */
export type RawLookup = (section: string, name: string) => string | undefined;

export type Interpolated =
  | { readonly ok: true; readonly value: string }
  | { readonly ok: false; readonly problem: string };

/** As in Python's configparser; also what ends a cycle. */
const depthMax = 10;

/** Replaces `${name}` and `${section:name}` by their values and `$$` by `$` (Python's ExtendedInterpolation). */
export function interpolate(value: string, section: string, lookup: RawLookup): Interpolated {
  return expand(value, section, lookup, 1);
}

function expand(value: string, section: string, lookup: RawLookup, depth: number): Interpolated {
  if (depth > depthMax) {
    return { ok: false, problem: `\${…} within \${…} deeper than ${depthMax} levels; probably a circle` };
  }
  let text = '';
  let rest = value;
  for (;;) {
    const at = rest.indexOf('$');
    if (at < 0) return { ok: true, value: text + rest };
    text += rest.slice(0, at);
    rest = rest.slice(at);
    const reference = /^\$\{([^}]+)\}/.exec(rest);
    if (rest.startsWith('$$')) {
      text += '$';
      rest = rest.slice(2);
    } else if (reference?.[1] !== undefined) {
      const found = resolveReference(reference[1], section, lookup, depth);
      if (!found.ok) return found;
      text += found.value;
      rest = rest.slice(reference[0].length);
    } else {
      return { ok: false, problem: '$ must be followed by $ (a dollar sign) or by {name}' };
    }
  }
}

function resolveReference(path: string, section: string, lookup: RawLookup, depth: number): Interpolated {
  const [first = '', second, ...more] = path.split(':');
  if (more.length > 0) return { ok: false, problem: `\${${path}} has more than one colon; write \${section:name}` };
  const [where, name] = second === undefined ? [section, first.toLowerCase()] : [first, second.toLowerCase()];
  const value = lookup(where, name);
  if (value === undefined)
    return { ok: false, problem: `\${${path}} names nothing: there is no ${name} in [${where}]` };
  return value.includes('$') ? expand(value, where, lookup, depth + 1) : { ok: true, value };
}
