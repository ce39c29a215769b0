import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { type BuildFailure, build, type Plugin } from 'esbuild';
import { repositoryFolder } from './folders.ts';
import { RecipeError } from './recipe-error.ts';
import { reportPage } from './report-page.ts';

export interface Bundle {
  readonly name: string;
  /** The code of `bundle.mjs`. */
  readonly text: string;
  /** Its source map: places alone, without the sources. */
  readonly map: string;
  /** The code fingerprint. */
  readonly code: string;
}

/** Bundles an entry with the runtime into one ES module; the same text for all targets. */
export async function bundleEntry(entry: string): Promise<Bundle> {
  const path = resolve(entry);
  if (!existsSync(path)) throw new RecipeError(`ENTRY=${entry}: there is no such file`);
  const name = basename(path, extname(path));
  // Fully minified, the text holds no path and no comment: the same in every folder.
  const bare = await runEsbuild(path, name, '', { minify: true, sourcemap: false });
  const code = createHash('sha256').update(bare.text).digest('hex');
  const { text, map } = await runEsbuild(path, name, code, { minifyWhitespace: true, sourcemap: 'external' });
  return { name, text, map, code };
}

async function runEsbuild(
  entry: string,
  name: string,
  code: string,
  style: { readonly minify?: boolean; readonly minifyWhitespace?: boolean; readonly sourcemap: false | 'external' },
): Promise<Pick<Bundle, 'text' | 'map'>> {
  try {
    const { outputFiles } = await build({
      ...style,
      stdin: { contents: stub(entry, name, code), resolveDir: dirname(entry), sourcefile: 'start.ts', loader: 'ts' },
      bundle: true,
      write: false,
      platform: 'node',
      format: 'esm',
      target: 'node22',
      outfile: 'bundle.mjs',
      sourcesContent: false,
      absWorkingDir: repositoryFolder,
      // Some packages' CommonJS files require by computed names, which no bundler can follow.
      mainFields: ['module', 'main'],
      legalComments: 'none',
      logLevel: 'silent',
      banner: {
        js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
      },
      plugins: [resolveOwn, reportPage],
    });
    const find = (end: string): string => outputFiles.find(({ path }) => path.endsWith(end))?.text ?? '';
    return { text: find('.mjs'), map: find('.map') };
  } catch (error) {
    throw new RecipeError(describe(error));
  }
}

/** `import … from 'job-splitter'` works from any folder; so does the stub's own import. */
const resolveOwn: Plugin = {
  name: 'job-splitter',
  setup: (esbuild) => {
    esbuild.onResolve({ filter: /^job-splitter$/ }, () => ({ path: join(repositoryFolder, 'src', 'api.ts') }));
    esbuild.onResolve({ filter: /^job-splitter:main$/ }, () => ({ path: join(repositoryFolder, 'src', 'main.ts') }));
  },
};

function stub(entry: string, name: string, code: string): string {
  const { version } = JSON.parse(readFileSync(join(repositoryFolder, 'package.json'), 'utf8'));
  const template = (file: string): string => readFileSync(join(repositoryFolder, 'config-templates', file), 'utf8');
  const templates = {
    machines: template('machines.json'),
    header: template('header.csv'),
    config: template('runner.config'),
  };
  return [
    `import * as entry from ${JSON.stringify(entry)};`,
    `import { main } from 'job-splitter:main';`,
    `const build = ${JSON.stringify({ name, version, code, templates })};`,
    `await main(entry.default, { ...build, target: process.env.JOB_SPLITTER_TARGET ?? 'unpackaged' });`,
  ].join('\n');
}

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
