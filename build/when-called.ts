import { join, sep } from 'node:path';
import type { Plugin } from 'esbuild';
import { repositoryFolder } from './folders.ts';

/** What our sources import of modules that take 1 to 4 ms to load, and may not need in a run, or not at its start. */
const functions: Readonly<Record<string, readonly string[]>> = {
  'node:crypto': ['createHash', 'randomBytes', 'randomUUID'],
  'node:readline': ['createInterface'],
  pino: ['pino'],
};
const names = new RegExp(`^(${Object.keys(functions).join('|')})$`);
const namespace = 'when-called';
const sources = join(repositoryFolder, 'src') + sep;

/** Loads these modules when one of their functions is called for the first time. */
export const loadWhenCalled: Plugin = {
  name: namespace,
  setup: (esbuild) => {
    esbuild.onResolve({ filter: names }, ({ path, importer }) =>
      importer.startsWith(sources) ? { path, namespace } : undefined,
    );
    esbuild.onLoad({ filter: /.*/, namespace }, ({ path }) => ({
      contents: [
        'let all;',
        `const load = () => (all ??= require(${JSON.stringify(path)}));`,
        ...(functions[path] ?? []).map((name) => `export const ${name} = (...args) => load().${name}(...args);`),
      ].join('\n'),
      loader: 'js',
      resolveDir: repositoryFolder,
    }));
  },
};
