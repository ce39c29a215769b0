import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { modulesFolder, repositoryFolder } from '../../build/folders.ts';

/** Lints a text as if it stood at this path, in a folder with our rules. */
function lint(path: string, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'job-splitter-layers-'));
  copyFileSync(join(repositoryFolder, 'biome.json'), join(folder, 'biome.json'));
  mkdirSync(join(folder, dirname(path)), { recursive: true });
  writeFileSync(join(folder, path), text);
  const words = [join(modulesFolder, '@biomejs', 'biome', 'bin', 'biome'), 'lint', path];
  const { stdout, stderr } = spawnSync(process.execPath, words, { cwd: folder, encoding: 'utf8' });
  assert.match(stdout + stderr, /Checked 1 file/);
  return stdout + stderr;
}

describe('the program ends itself', () => {
  it('in one way only: any other call of process.exit would be told as the experiment’s', () => {
    const folder = join(repositoryFolder, 'src');
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
    const callers = files.filter((name) => /^[^'*/]*\bprocess\.exit\b/m.test(readFileSync(join(folder, name), 'utf8')));
    assert.deepEqual(callers.sort(), [join('face', 'end-program.ts'), join('runtime', 'worker', 'serve.ts')]);
  });
});

describe('the layers are held', () => {
  for (const [path, text, rule] of [
    ['src/core/x.ts', "import { readFileSync } from 'node:fs';\nreadFileSync('x');\n", /noRestrictedImports/],
    ['src/core/x.ts', "import { a } from '../runtime/clock.ts';\na();\n", /noRestrictedImports/],
    ['src/core/x.ts', 'export const x = process.pid;\n', /noRestrictedGlobals/],
    ['src/config/x.ts', "import { a } from '../run/prepare.ts';\na();\n", /noRestrictedImports/],
    ['src/runtime/x.ts', "import { a } from '../run/prepare.ts';\na();\n", /noRestrictedImports/],
    ['src/run/x.ts', "import { a } from '../face/cli.ts';\na();\n", /noRestrictedImports/],
    ['src/runtime/x.ts', "console.log('x');\n", /noConsole/],
  ] as const) {
    it(`${path}: ${text.split('\n')[0]}`, () => assert.match(lint(path, text), rule));
  }

  it('what is allowed passes', () => {
    assert.doesNotMatch(lint('src/run/x.ts', "import { a } from '../core/assert.ts';\na();\n"), /noRestricted/);
  });
});
