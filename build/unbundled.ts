import { isBuiltin } from 'node:module';
import type { Plugin, ResolveResult } from 'esbuild';
import { findPackage, loadsFiles, type Package, placeInPackage } from './packages.ts';
import { RecipeError } from './recipe-error.ts';

const namespace = 'unbundled';
const asked = Symbol('asked the bundler itself');

/**
 * Packages that load native code, WebAssembly or other files of their own stay out of the bundle: where they are imported,
 * `runtime/assets/packages.ts` requires them from where they were unpacked. `names` are taken so in any case.
 */
export function unbundled(names: readonly string[], found: Map<string, Package>): Plugin {
  const decided = new Map<string, boolean>();
  const isWanted = (it: Package): boolean => {
    const known = decided.get(it.folder) ?? (names.includes(it.name) || loadsFiles(it));
    decided.set(it.folder, known);
    return known;
  };
  return {
    name: namespace,
    setup: (esbuild) => {
      esbuild.onResolve(
        { filter: /^[^./]/ },
        async ({ path, resolveDir, kind, pluginData, importer, namespace: of }) => {
          if (
            pluginData === asked ||
            of === namespace ||
            resolveDir === '' ||
            isBuiltin(path) ||
            /^job-splitter\b/.test(path)
          )
            return undefined;
          const it = findPackage(path, resolveDir);
          if (it === undefined || !isWanted(it)) return undefined;
          const other = found.get(it.name);
          if (other !== undefined && other.folder !== it.folder)
            throw new RecipeError(`${it.name} is there twice, in ${other.folder} and ${it.folder}: npm dedupe`);
          const resolved: ResolveResult = await esbuild.resolve(path, {
            kind,
            resolveDir,
            importer,
            pluginData: asked,
          });
          const place = placeInPackage(it, path, resolveDir, resolved.errors.length > 0 ? undefined : resolved.path);
          if (place === undefined) return undefined;
          found.set(it.name, it);
          return { path: `${it.name}/${place}`, namespace, pluginData: resolveDir };
        },
      );
      esbuild.onLoad({ filter: /.*/, namespace }, ({ path, pluginData }) => ({
        contents: `module.exports = require('job-splitter:packages').requirePackage(${JSON.stringify(path)});`,
        loader: 'js',
        resolveDir: pluginData,
      }));
    },
  };
}
