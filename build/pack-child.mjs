// Runs pkg for one target, in a process whose HOME is prepared (pkg takes its paths from there at import).
import { promises, readdirSync, statSync } from 'node:fs';
import { basename, join, relative, sep } from 'node:path';
import { exec } from '@yao-pkg/pkg';

const [target] = process.argv.slice(2);
const folder = process.cwd();
const inside = join(folder, 'inside');

// pkg wraps a single file (`boot.cjs`) and has no way to say what else Node's configuration can hold. Nor does it need its
// own file system, which would take 7 to 20 ms of each start of each worker.
const { writeFile } = promises;
let told = 0;
promises.writeFile = (path, text, ...more) => {
  if (basename(String(path)) !== 'sea-config.json') return writeFile(path, text, ...more);
  told++;
  // Relative to where Node looks: the folders' names are random and would stand in the file.
  const fromHere = (file) => withSlashes(relative(process.cwd(), file));
  const config = {
    ...JSON.parse(text),
    main: fromHere(join(folder, 'boot.cjs')),
    // Node reads NODE_OPTIONS before any of our code runs: on a host where it holds an option of another version or a
    // module that is not there, the executable would not start. With `cli` (Node 22.20) the options come from the
    // command line alone: that is how workers get V8's limits.
    execArgvExtension: 'cli',
    assets: Object.fromEntries(filesInside().map((name) => [name, fromHere(join(inside, name))])),
  };
  return writeFile(path, JSON.stringify(config), ...more);
};

function filesInside() {
  const names = readdirSync(inside, { recursive: true }).filter((name) => statSync(join(inside, name)).isFile());
  return names.map(withSlashes).sort();
}

function withSlashes(path) {
  return path.split(sep).join('/');
}

await exec({ input: 'boot.cjs', sea: true, signature: false, targets: [target], output: 'app' });
if (told !== 1) throw new Error(`pkg wrote sea-config.json ${told} times; see build/pack-child.mjs`);
