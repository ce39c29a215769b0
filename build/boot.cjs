// What runs first in an executable. Stacks name places in the sources; the map is parsed only when a stack is asked for:
// Node's own --enable-source-maps reads it at each start of each worker, which takes longer than all the rest of it.
const { readFileSync } = require('node:fs');
const { SourceMap } = require('node:module');
const { join } = require('node:path');

// A job may replace what `JSON` holds.
const { parse } = JSON;
const placeInBundle = /[^\s()]*bundle\.mjs:(\d+):(\d+)/;
// Read while nothing is replaced yet; parsing it is what takes long.
const mapText = readFileSync(join(__dirname, 'bundle.mjs.map'), 'utf8');
let map;

function findSource(place, line, column) {
  try {
    map ??= new SourceMap(parse(mapText));
    const { fileName, lineNumber, columnNumber } = map.findOrigin(Number(line), Number(column));
    return fileName === undefined ? place : `${fileName}:${lineNumber}:${columnNumber}`;
  } catch {
    return place;
  }
}

function spellError(error) {
  try {
    return Error.prototype.toString.call(error);
  } catch {
    return 'Error';
  }
}

Error.prepareStackTrace = (error, frames) =>
  [spellError(error), ...frames.map((frame) => String(frame).replace(placeInBundle, findSource))].join('\n    at ');
