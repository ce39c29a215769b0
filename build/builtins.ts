import { execFileSync } from 'node:child_process';
import { isBuiltin } from 'node:module';
import type { Plugin } from 'esbuild';
import { findNodeBinary } from './node-binary.ts';
import { defaultNodeVersion, hostTarget } from './versions.ts';

/**
 * Node's own modules are loaded by `require` when the first module that needs them is: an `import` would bind every
 * name of each of them at the start, which loads further modules, and an import statement cannot stand in the function
 * that `boot.cjs` calls.
 */
export const requireBuiltins: Plugin = {
  name: 'builtins',
  setup: (esbuild) => {
    esbuild.onResolve({ filter: /.*/ }, ({ path, kind }) => {
      if (!isBuiltin(path)) return undefined;
      return kind === 'require-call' || kind === 'require-resolve'
        ? { path, external: true }
        : { path, namespace: 'builtin', sideEffects: false };
    });
    esbuild.onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path }) => ({ contents: reexport(path), loader: 'js' }));
  },
};

/** Only the names that somebody imports stay in the bundle. */
function reexport(path: string): string {
  const names = namesOf()[path.replace(/^node:/, '')] ?? [];
  return [
    `const __all = require(${JSON.stringify(path)});`,
    'export default __all;',
    'const __get = (name) => __all[name];',
    ...names.map((name) => `export const ${name} = /* @__PURE__ */ __get(${JSON.stringify(name)});`),
  ].join('\n');
}

let known: Readonly<Record<string, readonly string[]>> | undefined;

/** What each module exports in the Node.js that goes into the executable; the one that builds may be another. */
function namesOf(): Readonly<Record<string, readonly string[]>> {
  known ??= JSON.parse(
    execFileSync(findNodeBinary(defaultNodeVersion, hostTarget()), ['--no-warnings', '-e', listNames], {
      encoding: 'utf8',
      env: {},
    }),
  ) as Readonly<Record<string, readonly string[]>>;
  return known;
}

const listNames = `
const { builtinModules } = require('node:module');
const isName = (name) => /^[A-Za-z_$][\\w$]*$/.test(name) && name !== 'default';
const paths = [...builtinModules, 'sea', 'sqlite', 'test'];
const namesOf = (path) => Object.keys(require(path.startsWith('node:') ? path : 'node:' + path)).filter(isName);
const list = paths.filter((path) => !path.startsWith('_')).map((path) => [path.replace(/^node:/, ''), namesOf(path)]);
console.log(JSON.stringify(Object.fromEntries(list)));
`;
