import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { repositoryFolder } from '../../build/folders.ts';

/** Only a program of its own comes to its end. What it prints. */
function printed(text: string): string {
  const kept = JSON.stringify(join(repositoryFolder, 'src', 'runtime', 'kept-promise.ts'));
  const start = `import { pathToFileURL } from 'node:url';
    const { keptPromise } = await import(pathToFileURL(${kept}));
    const never = () => new Promise(() => undefined);
    const tell = (promise) => promise.then((value) => console.log(value), (error) => console.log(error.message));
    await (async () => { ${text} })();`;
  const words = ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', start];
  const { stdout, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' });
  return stdout + stderr;
}

const said =
  'it waits for something that never happens \\(a promise that nothing settles, .*AbortSignal\\.timeout\\)\n';

describe('what the experiment promises', () => {
  it('and never keeps is told, each time, and the program goes on', () => {
    const output = printed(
      `for (let i = 0; i < 3; i++) await tell(keptPromise(never()));
       await new Promise((resolve) => setTimeout(resolve, 1));
       console.log('to its end');`,
    );
    assert.match(output, new RegExp(`^(?:${said}){3}to its end\n$`));
  });

  it('several at a time, too', () => {
    const output = printed(`await Promise.all([tell(keptPromise(never())), tell(keptPromise(never()))]);`);
    assert.match(output, new RegExp(`^(?:${said}){2}$`));
  });

  it('and keeps when Node has come to its end is no mistake', () => {
    const output = printed(
      `const { promise, resolve } = Promise.withResolvers();
       process.once('beforeExit', () => setTimeout(resolve, 20, 'kept'));
       await tell(keptPromise(promise));
       await tell(keptPromise(new Promise((resolve) => setTimeout(resolve, 20, 'kept, too'))));`,
    );
    assert.equal(output, 'kept\nkept, too\n');
  });
});
