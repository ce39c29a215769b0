import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, extname, join, relative, sep } from 'node:path';
import { packagesFolder } from '../src/runtime/assets/asset-list.ts';
import { targetsOfBinary } from './binary-format.ts';
import { type CarriedFile, carry, filesBelow } from './carried-files.ts';
import { RecipeError } from './recipe-error.ts';

/** An installed package. */
export interface Package {
  readonly name: string;
  readonly version: string;
  readonly folder: string;
  readonly manifest: Manifest;
}

interface Manifest {
  readonly version?: string;
  readonly gypfile?: boolean;
  readonly binary?: unknown;
  readonly napi?: unknown;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** They find native code at run time, in the folder of whoever asks. */
const finders = ['node-gyp-build', 'bindings', '@mapbox/node-pre-gyp', 'prebuild-install'];
const platformPackage = /\b(linux|darwin|win32)\b.*\b(x64|arm64)\b/;
/** What a package is built from, and what tells people about it. */
const leftOut = /\.(md|map|d\.[cm]?ts|cc?|cpp|cxx|hh?|hpp|gypi?|o|a|obj|lib|pdb|tsbuildinfo)$/i;

/** The package that an import of `specifier` in `fromFolder` means; `undefined` where it is not installed. */
export function findPackage(specifier: string, fromFolder: string): Package | undefined {
  const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
  for (let folder = fromFolder; ; folder = dirname(folder)) {
    const place = join(folder, 'node_modules', name);
    if (existsSync(join(place, 'package.json'))) return readPackage(name, realpathSync(place));
    if (dirname(folder) === folder) return undefined;
  }
}

function readPackage(name: string, folder: string): Package {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
  return { name, version: manifest.version ?? '', folder, manifest };
}

/** Whether it loads files of its own at run time: native code or WebAssembly. It then travels whole, beside the bundle. */
export function loadsFiles({ folder, manifest }: Package): boolean {
  const { gypfile, binary, napi, dependencies = {}, optionalDependencies = {} } = manifest;
  if (gypfile === true || binary !== undefined || napi !== undefined) return true;
  if (finders.some((name) => name in dependencies)) return true;
  if (Object.keys(optionalDependencies).some((name) => platformPackage.test(name))) return true;
  for (const { path } of ownFiles(folder)) if (path.endsWith('.node') || path.endsWith('.wasm')) return true;
  return false;
}

/** Where Node would find what is imported, within the package, with slashes; `byBundler` where only an import may have it. */
export function placeInPackage(
  { folder }: Package,
  specifier: string,
  fromFolder: string,
  byBundler: string | undefined,
): string | undefined {
  let path: string | undefined;
  try {
    path = createRequire(join(fromFolder, 'any.js')).resolve(specifier);
  } catch {
    path = byBundler;
  }
  if (path === undefined) return undefined;
  return relative(folder, realpathSync(path)).split(sep).join('/');
}

/** Packages as they are laid out for one target, each with what it depends on. */
export class PackedPackages {
  /** By the folder below `node_modules` in which each is laid. */
  readonly #laid = new Map<string, Package>();
  readonly #roots: readonly Package[];

  constructor(roots: readonly Package[]) {
    this.#roots = roots;
    for (const root of roots) this.#lay(root, '');
  }

  /** Beside all others, or, where another version is there, below whoever needs it. */
  #lay(wanted: Package, above: string): void {
    const place = this.#placeFor(wanted, above);
    if (place === undefined) return;
    this.#laid.set(place, wanted);
    const { dependencies, optionalDependencies } = wanted.manifest;
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
      const found = findPackage(name, wanted.folder);
      if (found !== undefined) this.#lay(found, `${place}/node_modules/`);
      else if (optionalDependencies?.[name] === undefined)
        throw new RecipeError(`${wanted.name} needs ${name}, which is not installed: npm install`);
    }
  }

  #placeFor(wanted: Package, above: string): string | undefined {
    for (const place of [wanted.name, above + wanted.name]) {
      const there = this.#laid.get(place);
      if (there === undefined) return place;
      if (there.folder === wanted.folder) return undefined;
    }
    return undefined;
  }

  /** What all targets have in common: decides what the code does. */
  common(): readonly CarriedFile[] {
    return [...this.#files()].filter(({ targets, of }) => targets === undefined && !isForPlatform(of)).map(take);
  }

  /** Names the package that holds no native code for the target. */
  filesFor(target: string): readonly CarriedFile[] {
    const files = [...this.#files()];
    for (const root of this.#roots) assertHasCode(new PackedPackages([root]).#nativeTargets(), root, target);
    return files.filter(({ targets, of }) => fits(of, target) && (targets?.includes(target) ?? true)).map(take);
  }

  #nativeTargets(): readonly string[] | undefined {
    const native = [...this.#files()].filter(({ path }) => path.endsWith('.node'));
    const isEmpty = native.length === 0 && ![...this.#laid.values()].some(expectsCode);
    return isEmpty ? undefined : native.flatMap(({ targets = [] }) => targets);
  }

  *#files(): Generator<OwnFile & { readonly of: Package; readonly targets: readonly string[] | undefined }> {
    for (const [place, of] of this.#laid) {
      for (const { source, path } of ownFiles(of.folder)) {
        if (leftOut.test(path)) continue;
        const isCode = extname(path) === '' || /\.(node|dll|dylib|exe|so(\.\d+)*)$/.test(path);
        const targets = isCode ? targetsOfBinary(source) : undefined;
        yield { source, path: `${packagesFolder}/node_modules/${place}/${path}`, of, targets };
      }
    }
  }
}

interface OwnFile {
  readonly source: string;
  readonly path: string;
}

/** Without the packages that are installed inside of it. */
function* ownFiles(folder: string): Generator<OwnFile> {
  const enters = (name: string): boolean => name !== 'node_modules' && !name.startsWith('.');
  const root = basename(folder);
  for (const { source, path } of filesBelow(folder, root, enters)) yield { source, path: path.slice(root.length + 1) };
}

const take = ({ source, path }: OwnFile): CarriedFile => carry(source, path);

function expectsCode({ manifest }: Package): boolean {
  return Object.keys(manifest.optionalDependencies ?? {}).some((name) => platformPackage.test(name));
}

const isForPlatform = ({ manifest }: Package): boolean => manifest.os !== undefined || manifest.cpu !== undefined;

function fits({ manifest: { os, cpu } }: Package, target: string): boolean {
  const { system, processor } = npmNamesOf(target);
  return (os?.includes(system) ?? true) && (cpu?.includes(processor) ?? true);
}

export function npmNamesOf(target: string): { readonly system: string; readonly processor: string } {
  const [platform = '', processor = ''] = target.split('-');
  const names: Readonly<Record<string, string>> = { win: 'win32', macos: 'darwin' };
  return { system: names[platform] ?? platform, processor };
}

function assertHasCode(targets: readonly string[] | undefined, { name, folder }: Package, target: string): void {
  if (targets === undefined || targets.includes(target)) return;
  const known = targets.length === 0 ? 'none at all' : `only for ${[...new Set(targets)].join(', ')}`;
  const { system, processor } = npmNamesOf(target);
  throw new RecipeError(
    `TARGETS=${target}: the package ${name} has no native code for it in ${folder} (${known}).\n` +
      `Where it comes ready made, install it for that system too: npm install --no-save --force --os=${system} --cpu=${processor} ${name}\n` +
      'Where it is compiled on installation, build on such a system.',
  );
}
