// Runs pkg for one target, in a process whose HOME is prepared (pkg takes its paths from there at import).
import { promises } from 'node:fs';
import { basename } from 'node:path';
import { exec } from '@yao-pkg/pkg';

// Node reads NODE_OPTIONS before any of our code runs: on a host where it holds an option of another version or a
// module that is not there, the executable would not start. Node can be told not to (`execArgvExtension`, Node 22.20);
// pkg writes the configuration and has no way to say so. With `cli` the options come from the command line alone:
// that is how workers get V8's limits. Its working directory is the folder of `main`, whose name is random and would stand
// in the file.
const [target] = process.argv.slice(2);
const { writeFile } = promises;
let told = 0;
promises.writeFile = (path, text, ...more) => {
  if (basename(String(path)) !== 'sea-config.json') return writeFile(path, text, ...more);
  told++;
  const config = JSON.parse(text);
  return writeFile(
    path,
    JSON.stringify({
      ...config,
      main: basename(config.main),
      execArgvExtension: 'cli',
    }),
    ...more,
  );
};

await exec({ input: 'package.json', sea: true, signature: false, targets: [target], output: 'app' });
if (told !== 1) throw new Error(`pkg wrote sea-config.json ${told} times; see build/pack-child.mjs`);
