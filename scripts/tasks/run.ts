import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleEntry } from '../../build/bundle.ts';
import { distFolder } from '../../build/folders.ts';
import { entryFromEnvironment, runTask } from '../report.ts';

await runTask(async () => {
  const bundle = await bundleEntry(entryFromEnvironment());
  const folder = join(distFolder, 'run');
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${bundle.name}.mjs`);
  writeFileSync(path, `${bundle.text}\n//# sourceMappingURL=${bundle.name}.mjs.map\n`);
  writeFileSync(`${path}.map`, bundle.map);
  const words = splitWords(process.env.ARGS ?? '');
  const { status } = spawnSync(process.execPath, ['--enable-source-maps', path, ...words], {
    stdio: 'inherit',
    env: { ...process.env, JOB_SPLITTER_BUNDLE: path },
  });
  return status ?? 1;
});

/** Words as a shell would see them, with single and double quotes; nothing is expanded. */
function splitWords(text: string): string[] {
  return [...text.matchAll(/(?:"([^"]*)"|'([^']*)'|[^\s"']+)+/g)].map(([word]) =>
    word.replace(/"([^"]*)"|'([^']*)'/g, '$1$2'),
  );
}
