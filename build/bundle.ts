import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { type BuildFailure, build, type Plugin } from 'esbuild';
import { requireBuiltins } from './builtins.ts';
import { type CarriedFile, hashCarried } from './carried-files.ts';
import { assertEntry } from './entry.ts';
import { repositoryFolder } from './folders.ts';
import { type Package, PackedPackages } from './packages.ts';
import { RecipeError } from './recipe-error.ts';
import { reportPage } from './report-page.ts';
import { unbundled } from './unbundled.ts';
import { loadWhenCalled } from './when-called.ts';
import { withoutCallers } from './without-callers.ts';

/** What an executable is made of: what people start, and its worker role, which loads only what jobs need. */
export const roles = ['program', 'worker'] as const;
export type Role = (typeof roles)[number];

export interface Script {
  /** An expression: an async function that `boot.cjs` calls. */
  readonly text: string;
  /** Its source map: places alone, without the sources. */
  readonly map: string;
}

export interface Bundle extends Readonly<Record<Role, Script>> {
  readonly name: string;
  /** The code fingerprint. */
  readonly code: string;
  /** What the executable for a target carries beside the scripts. */
  carriedTo(target: string): readonly CarriedFile[];
}

/** What travels beside the bundle. */
export interface Luggage {
  /** Files for `context.assets`. */
  readonly assets: readonly CarriedFile[];
  /** Names of packages that are not to be bundled. */
  readonly external: readonly string[];
}

/** Bundles an entry with the runtime, into the same texts for all targets. */
export async function bundleEntry(
  entry: string,
  { assets, external }: Luggage = { assets: [], external: [] },
): Promise<Bundle> {
  const path = resolve(entry);
  assertEntry(entry);
  const name = basename(path, extname(path));
  const found = new Map<string, Package>();
  const make = async (code: string, style: Style): Promise<readonly Script[]> =>
    Promise.all(
      roles.map((role) => runEsbuild(stubs[role](path, name, code), path, style, unbundled(external, found))),
    );
  // Fully minified, the texts hold no path and no comment: the same in every folder.
  const hash = createHash('sha256');
  for (const { text } of await make('', { minify: true, sourcemap: false })) hash.update(text);
  const missing = external.find((it) => !found.has(it));
  if (missing !== undefined) throw new RecipeError(`EXTERNAL: ${entry} imports no package ${missing}`);
  const packages = new PackedPackages([...found.values()]);
  const luggage = [...assets, ...packages.common()];
  if (luggage.length > 0) hash.update(hashCarried(luggage));
  const code = hash.digest('hex');
  const [program, worker] = await make(code, { minifyWhitespace: true, sourcemap: 'external' });
  if (program === undefined || worker === undefined) throw new Error('Internal error: a script for each role');
  return { name, code, program, worker, carriedTo: (target) => [...assets, ...packages.filesFor(target)] };
}

interface Style {
  readonly minify?: boolean;
  readonly minifyWhitespace?: boolean;
  readonly sourcemap: false | 'external';
}

async function runEsbuild(contents: string, entry: string, style: Style, packages: Plugin): Promise<Script> {
  try {
    const { outputFiles } = await build({
      ...style,
      stdin: { contents, resolveDir: dirname(entry), sourcefile: 'start.ts', loader: 'ts' },
      bundle: true,
      write: false,
      platform: 'node',
      // Of the formats only this one allows top-level await; nothing is imported or exported, so that a function may hold it.
      format: 'esm',
      // V8 compiles a `function` in parentheses at once. An arrow it would read twice: 40 ms of each start where no code cache is.
      banner: { js: '(async function(require,__filename,__dirname,__importMeta,__carried){"use strict";' },
      footer: { js: '})' },
      define: { 'import.meta': '__importMeta' },
      target: 'node22',
      outfile: 'script.js',
      sourcesContent: false,
      absWorkingDir: repositoryFolder,
      // Some packages' CommonJS files require by computed names, which no bundler can follow.
      mainFields: ['module', 'main'],
      legalComments: 'none',
      logLevel: 'silent',
      loader: { '.txt': 'text', '.csv': 'text', '.tsv': 'text', '.md': 'text', '.wasm': 'binary' },
      alias: own,
      plugins: [loadWhenCalled, requireBuiltins, withoutCallers, reportPage, packages],
    });
    const find = (end: string): string => outputFiles.find(({ path }) => path.endsWith(end))?.text ?? '';
    return { text: find('.js'), map: find('.map') };
  } catch (error) {
    throw new RecipeError(describe(error));
  }
}

/**
 * `import … from 'job-splitter'` works from any folder; so do the stubs' own imports. Not by a plugin: what one resolves has no
 * tsconfig.json, and a source that is also imported by its path would be written in one of two ways, whichever import came first.
 */
const own = Object.fromEntries(
  Object.entries({
    'job-splitter': 'api.ts',
    'job-splitter:program': 'program.ts',
    'job-splitter:worker': 'worker.ts',
    'job-splitter:packages': 'runtime/assets/packages.ts',
  }).map(([name, file]) => [name, join(repositoryFolder, 'src', file)]),
);

/** The entry is loaded when the runtime wants it: `--self-test` does not. */
const stubs: Readonly<Record<Role, (entry: string, name: string, code: string) => string>> = {
  program: (entry, name, code) => {
    const { version } = JSON.parse(readFileSync(join(repositoryFolder, 'package.json'), 'utf8'));
    const template = (file: string): string => readFileSync(join(repositoryFolder, 'config-templates', file), 'utf8');
    const templates = {
      machines: template('machines.json'),
      header: template('header.csv'),
      config: template('runner.config'),
    };
    return [
      `import { start } from 'job-splitter:program';`,
      `const build = ${JSON.stringify({ name, version, code, templates })};`,
      `const target = process.env.JOB_SPLITTER_TARGET ?? 'unpackaged';`,
      `await start(() => import(${JSON.stringify(entry)}), { ...build, target }, __carried);`,
    ].join('\n');
  },
  worker: (entry) =>
    [`import { start } from 'job-splitter:worker';`, `await start(() => import(${JSON.stringify(entry)}));`].join('\n'),
};

function describe(error: unknown): string {
  if (!(error instanceof Error && 'errors' in error)) return String(error);
  return (error as BuildFailure).errors
    .map(({ text, location }) =>
      location === null
        ? text
        : `${location.file}:${location.line}:${location.column + 1}: ${text}\n  ${location.lineText}`,
    )
    .join('\n');
}
