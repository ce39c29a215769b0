// What runs first in an executable: calls the script of its role. The places in stacks are those of the sources; the map
// is read when a stack is asked for: Node's own --enable-source-maps parses it at each start of each worker, which takes
// longer than all the rest of it.
const { existsSync, readFileSync } = require('node:fs');
const { SourceMap } = require('node:module');
const { join } = require('node:path');
const { pathToFileURL } = require('node:url');
const vm = require('node:vm');

// A job may replace what these hold.
const { parse } = JSON;
const { toString: spell } = Error.prototype;
const role = process.argv[2] === '__worker' && process.send !== undefined ? 'worker' : 'program';
const path = join(__dirname, `${role}.js`);
const place = new RegExp(`${path.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}:(\\d+):(\\d+)`);
let map;

function findSource(found, line, column) {
  try {
    map ??= new SourceMap(parse(readFileSync(`${path}.map`, 'utf8')));
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

// What V8 compiled when the executable was built; only where it was built for the system that built it, and V8 itself
// sees whether it fits.
const cache = `${path}.cache`;
const script = new vm.Script(readFileSync(path, 'latin1'), {
  filename: path,
  cachedData: existsSync(cache) ? readFileSync(cache) : undefined,
  importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
});

// A package that asks for files by computed names: no bundler can follow.
function requireHere(name) {
  try {
    return require(name);
  } catch (error) {
    if (error?.code === 'MODULE_NOT_FOUND' && error.message.includes(`'${name}'`))
      error.message += `\nIt is not in the executable. If a package asks for it, build with that package beside the bundle: make exe … EXTERNAL=name-of-the-package`;
    throw error;
  }
}

const meta = { url: pathToFileURL(path).href, filename: path, dirname: __dirname };
script
  .runInThisContext()(Object.assign(requireHere, require), path, __dirname, meta)
  .catch((error) => {
    console.error(error);
    process.exitCode = 1;
  });
