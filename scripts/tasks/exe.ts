import { statSync } from 'node:fs';
import ora from 'ora';
import { buildExecutables, targetsOf } from '../../build/executable.ts';
import { writeSums } from '../../build/sums.ts';
import { entryFromEnvironment, externalFromEnvironment, runTask } from '../report.ts';

await runTask(async () => {
  const { TARGETS, NODE, NODE_BINARY, ASSETS } = process.env;
  const request = {
    entry: entryFromEnvironment(),
    targets: targetsOf(TARGETS),
    nodeVersion: NODE || undefined,
    nodeBinary: NODE_BINARY || undefined,
    assets: ASSETS,
    external: externalFromEnvironment(),
  };
  const spinner = ora({ discardStdin: false }).start();
  try {
    const made = await buildExecutables(request, {
      step: (text) => (spinner.text = text),
      warn: (text) => void spinner.warn(text).start(),
    });
    spinner.stop();
    for (const { path, code, isUnchanged } of made) {
      const size = Math.round(statSync(path).size / 1e6);
      process.stdout.write(`${path}  ${size} MB  code ${code.slice(0, 16)}${isUnchanged ? '  unchanged' : ''}\n`);
    }
    process.stdout.write(`${writeSums(made.map(({ path }) => path))}\n`);
    process.stdout.write('Copy it to an empty folder and start it there with: init\n');
    return 0;
  } finally {
    spinner.stop();
  }
});
