// What every make target calls: `node scripts/make.mjs TARGET [KEY=VALUE …]`. Runs on an old Node (18 or newer): it
// brings the dependencies and the project's own Node, and hands over to that.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, 'node_modules');
const isWindows = process.platform === 'win32';

function install() {
  const stamp = join(modules, '.job-splitter-lock');
  const hash = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return;
  console.error('Installing dependencies (npm ci) …');
  const words = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const { status } = spawnSync(isWindows ? 'npm.cmd' : 'npm', words, {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: isWindows,
  });
  if (status !== 0) fail('npm ci failed; the lines above say why. Is npm installed, and the network there?');
  writeFileSync(stamp, hash);
}

function findNode() {
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const names = [`node-${platform}-${process.arch}`, `node-bin-${platform}-${process.arch}`];
  for (const name of names) {
    const path = join(modules, name, 'bin', isWindows ? 'node.exe' : 'node');
    if (existsSync(path)) return path;
  }
  return fail(`npm installed no Node.js for ${process.platform}-${process.arch}; looked for ${names.join(', ')}`);
}

function fail(message) {
  console.error(message);
  process.exit(2);
}

/**
 * Names of variables on make's command line. They stand in MAKEFLAGS, blanks in values with a backslash. A make that another
 * one has called is also told those of that one, which are none of our business.
 */
function givenToMake() {
  if (process.env.MAKELEVEL !== '1') return [];
  const flags = (process.env.MAKEFLAGS ?? '').match(/(?:\\.|[^\s\\])+/gs) ?? [];
  return flags.flatMap((flag) => /^([A-Za-z_][\w.-]*?)[:+?!]*=/.exec(flag)?.[1] ?? []);
}

/** A typing error in a name must not build something else than was meant. */
async function refuseUnknown(names) {
  const makefile = readFileSync(join(root, 'Makefile'), 'utf8');
  const known = [...makefile.matchAll(/^export (.+)$/gm)].flatMap(([, list]) => list.split(' '));
  // What make itself goes by.
  const unknown = names.find((name) => !known.includes(name) && !/^(?:SHELL|MAKE.*|\..*)$/.test(name));
  if (unknown === undefined) return;
  const { closest, distance } = await import('fastest-levenshtein');
  const near = closest(unknown.toUpperCase(), known);
  const isNear = distance(unknown.toUpperCase(), near) <= Math.max(2, unknown.length / 3);
  fail(`There is no variable ${unknown}; ${isNear ? `is ${near} meant?` : `known: ${known.join(', ')}`}`);
}

const [target = 'help', ...words] = process.argv.slice(2);
const task = join(root, 'scripts', 'tasks', `${target}.ts`);
if (!existsSync(task)) fail(`There is no target ${target}; node scripts/make.mjs help lists them.`);
const environment = { ...process.env };
for (const word of words) {
  const at = word.indexOf('=');
  if (at < 1) fail(`${word}: values are given as KEY=VALUE`);
  environment[word.slice(0, at)] = word.slice(at + 1);
}
install();
await refuseUnknown([...words.map((word) => word.slice(0, word.indexOf('='))), ...givenToMake()]);
const child = spawn(findNode(), ['--disable-warning=ExperimentalWarning', task], {
  stdio: 'inherit',
  env: environment,
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => process.exit(signal === null ? code : 1));
