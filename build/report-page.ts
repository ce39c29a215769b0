import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { repositoryFolder } from './folders.ts';

const pageFolder = join(repositoryFolder, 'src', 'face', 'report', 'page');

/**
 * The page's script, with the chart library, and its style, as texts: a module of two strings that only `report` loads.
 * Fully minified, they hold no path. Browsers of the last four years will do.
 */
export async function bundlePage(): Promise<{ readonly script: string; readonly style: string }> {
  const { outputFiles } = await build({
    entryPoints: [join(pageFolder, 'main.ts'), join(pageFolder, 'page.css')],
    bundle: true,
    write: false,
    minify: true,
    platform: 'browser',
    format: 'iife',
    target: ['es2022', 'safari15.4'],
    legalComments: 'none',
    // Beyond ASCII the file's encoding would matter.
    charset: 'ascii',
    absWorkingDir: repositoryFolder,
    outdir: 'page',
    logLevel: 'silent',
  });
  const find = (end: string): string => outputFiles.find(({ path }) => path.endsWith(end))?.text.trim() ?? '';
  return { script: find('.js'), style: find('.css') };
}

/** `import('job-splitter:report-page')` in the bundle. */
export const reportPage: Plugin = {
  name: 'report-page',
  setup: (esbuild) => {
    esbuild.onResolve({ filter: /^job-splitter:report-page$/ }, ({ path }) => ({ path, namespace: 'report-page' }));
    esbuild.onLoad({ filter: /.*/, namespace: 'report-page' }, async () => {
      const { script, style } = await bundlePage();
      const contents = `export const script = ${JSON.stringify(script)}; export const style = ${JSON.stringify(style)};`;
      return { contents, loader: 'js' };
    });
  },
};
