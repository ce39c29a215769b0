import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { gatherAssets } from '../../build/assets.ts';
import { bundleEntry } from '../../build/bundle.ts';
import { distFolder } from '../../build/folders.ts';
import { bootFor, writeScripts } from '../../build/scripts.ts';
import { hostTarget } from '../../build/versions.ts';
import { entryFromEnvironment, externalFromEnvironment, runTask } from '../report.ts';

await runTask(async () => {
  const luggage = { assets: gatherAssets(process.env.ASSETS), external: externalFromEnvironment() };
  const entry = entryFromEnvironment();
  const bundle = await bundleEntry(entry, luggage);
  const folder = join(distFolder, 'run', bundle.name);
  mkdirSync(folder, { recursive: true });
  writeScripts(folder, bundle, hostTarget());
  writeFileSync(join(folder, 'boot.cjs'), bootFor('unpackaged', dirname(resolve(entry))));
  const words = splitWords(process.env.ARGS ?? '');
  return await runToItsEnd([join(folder, 'boot.cjs'), ...words]);
});

/** It decides what Ctrl-C means, which the terminal sends to it as well; whoever ended before it would leave it behind. */
function runToItsEnd(words: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, words, { stdio: 'inherit' });
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? 1));
  });
}

/** Words as a shell would see them, with single and double quotes; nothing is expanded. */
function splitWords(text: string): string[] {
  return [...text.matchAll(/(?:"([^"]*)"|'([^']*)'|[^\s"']+)+/g)].map(([word]) =>
    word.replace(/"([^"]*)"|'([^']*)'/g, '$1$2'),
  );
}
