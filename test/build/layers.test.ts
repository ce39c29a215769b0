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

/** Neither comments nor what stands in plain quotes. */
const codeOf = (text: string): string =>
  text.replaceAll(/\/\*[\s\S]*?\*\/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|\/\/.*/g, '0');

const endings = [
  /\bprocess\s*(?:\?\.|\.)\s*(?:exit|reallyExit|abort)\b/,
  /\{[^{}]*\b(?:exit|reallyExit|abort)\b[^{}]*\}\s*=\s*process\b/,
  // Whatever is done with it then.
  /[\w$]\s*=\s*process\b(?!\s*[.?[])/,
  /\bprocess\s*(?:\?\.\s*)?\[/,
];

/** By whatever name: `process.exit`, `const { exit } = process`, `import { exit } from 'node:process'`, … */
const endsProgram = (text: string): boolean =>
  endings.some((ending) => ending.test(codeOf(text))) || /['"](?:node:)?process['"]/.test(text);

describe('the program ends itself', () => {
  it('in one way only: any other call of process.exit would be told as the experiment’s', () => {
    const folder = join(repositoryFolder, 'src');
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
    const callers = files.filter((name) => endsProgram(readFileSync(join(folder, name), 'utf8')));
    assert.deepEqual(callers.sort(), [join('face', 'end-program.ts'), join('runtime', 'worker', 'serve.ts')]);
  });

  it('a call is found wherever it stands, and by whatever name', () => {
    for (const text of [
      "say('x'); process.exit(1);",
      "const half = 1 / 2; if (a === 'b') process.exit(half);",
      '/** Ends. */ process.exit(1);',
      'a * b; process\n  .exit(1);',
      'const { exit } = process;',
      'const { exit: end } = process;',
      "import { exit as end } from 'node:process';",
      "process['exit'](1);",
      'const own = process;',
    ])
      assert.ok(endsProgram(text), text);
    for (const text of [
      "child.on('exit', (code) => 1);",
      '// process.exit',
      '/* process.exit */',
      "say('process.exit');",
      'const { stderr, env } = process;',
      'const env = process.env;',
      'process.exitCode = 1;',
    ])
      assert.ok(!endsProgram(text), text);
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
