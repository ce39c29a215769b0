// What runs first in an executable: calls the script of its role. The places in stacks are those of the sources; the map
// is read when a stack is asked for: Node's own --enable-source-maps parses it at each start of each worker, which takes
// longer than all the rest of it.
const { existsSync, readFileSync } = require('node:fs');
const { SourceMap, createRequire, isBuiltin } = require('node:module');
const { isAbsolute, join } = require('node:path');
const { getRawAsset, isSea } = require('node:sea');
const { pathToFileURL } = require('node:url');
const vm = require('node:vm');

// A job may replace what these hold.
const { parse } = JSON;
const { toString: spell } = Error.prototype;
const role = process.argv[2] === '__worker' && process.send !== undefined ? 'worker' : 'program';
// In an executable nothing lies there: it only stands where it would.
const path = join(__dirname, `${role}.js`);
const place = new RegExp(`${path.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}:(\\d+):(\\d+)`);
let map;

/** A file that travels with this one; `undefined`: it does not. In an executable these bytes cannot be written to. */
const carried = isSea() ? readInside : readBeside;

function readInside(name) {
  try {
    return Buffer.from(getRawAsset(name));
  } catch (error) {
    if (error.code === 'ERR_SINGLE_EXECUTABLE_APPLICATION_ASSET_NOT_FOUND') return undefined;
    throw error;
  }
}

function readBeside(name) {
  const beside = join(__dirname, name);
  return existsSync(beside) ? readFileSync(beside) : undefined;
}

function findSource(found, line, column) {
  try {
    map ??= new SourceMap(parse(String(carried(`${role}.js.map`))));
    const { fileName, lineNumber, columnNumber } = map.findOrigin(Number(line), Number(column));
    return fileName === undefined ? found : `${fileName}:${lineNumber}:${columnNumber}`;
  } catch {
    return found;
  }
}

function spellError(error) {
  try {
    return spell.call(error);
  } catch {
    return 'Error';
  }
}

Error.prepareStackTrace = (error, frames) =>
  [spellError(error), ...frames.map((frame) => String(frame).replace(place, findSource))].join('\n    at ');

// Node warns of how the script below imports files; nobody who runs it has to know.
const { emitWarning } = process;
process.emitWarning = function (warning, ...more) {
  if (String(warning).includes('USE_MAIN_CONTEXT_DEFAULT_LOADER')) process.emitWarning = emitWarning;
  else emitWarning.call(this, warning, ...more);
};

// The cache is what V8 compiled when the executable was built; only where it was built for the system that built it, and
// V8 itself sees whether it fits.
const script = new vm.Script(carried(`${role}.js`).toString('latin1'), {
  filename: path,
  cachedData: carried(`${role}.js.cache`),
  importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
});

// A package may ask for files by computed names, which no bundler can follow. Nothing is looked for around the
// executable: what is found there would differ from machine to machine.
const load = createRequire(path);
function requireHere(name) {
  if (isBuiltin(name) || isAbsolute(name)) return load(name);
  const hint = `It is not in the executable. If a package asks for it, build with that package beside the bundle: make exe … EXTERNAL=name-of-the-package`;
  throw Object.assign(new Error(`Cannot find module '${name}'\n${hint}`), { code: 'MODULE_NOT_FOUND' });
}

// `home` stands in front of this file (`scripts.ts`).
const filename = join(home, `${role}.js`);
const meta = { url: pathToFileURL(filename).href, filename, dirname: home };
script
  .runInThisContext()(Object.assign(requireHere, load), filename, home, meta, carried)
  .catch((error) => {
    console.error(error);
    process.exitCode = 1;
  });
