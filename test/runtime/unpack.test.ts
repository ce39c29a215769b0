import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, beforeEach, describe, it } from 'node:test';
import { build } from 'esbuild';
import { repositoryFolder } from '../../build/folders.ts';

const texts: Readonly<Record<string, string>> = {
  'assets/data/table.csv': 'a,b\n1,2\n',
  'assets/empty': '',
  'packages/node_modules/tool/index.js': 'module.exports = "ours";\n',
};

const root = mkdtempSync(join(tmpdir(), 'job-splitter-unpack-'));
chmodSync(root, 0o755);
after(() => rmSync(root, { recursive: true, force: true }));

/** What an executable carries. */
const carried = join(root, 'carried');
mkdirSync(carried);
const list = Object.entries(texts).map(([path, text], number) => {
  writeFileSync(join(carried, String(number)), text);
  return { path, bytes: text.length, sha256: createHash('sha256').update(text).digest('hex') };
});
writeFileSync(join(carried, 'list.json'), JSON.stringify({ files: list }));
const name = createHash('sha256')
  .update(readFileSync(join(carried, 'list.json')))
  .digest('hex')
  .slice(0, 32);

const isRoot = process.getuid?.() === 0;
/** Debian's `nobody`. */
const nobody = 65_534;
// Copies that every user can read, wherever the repository is.
const node = join(root, 'node');
copyFileSync(process.execPath, node);
const script = join(root, 'unpack.mjs');
await build({
  stdin: {
    contents: `
      import { readFileSync } from 'node:fs';
      import { unpack } from './unpack.ts';
      const carried = (name) => readFileSync(name.replace('carried', process.argv[2]));
      console.log(JSON.stringify(unpack(carried)));`,
    resolveDir: join(repositoryFolder, 'src', 'runtime', 'assets'),
    loader: 'ts',
  },
  bundle: true,
  platform: 'node',
  format: 'esm',
  outfile: script,
});

interface Answer {
  readonly ok: boolean;
  readonly value?: { readonly folder: string; readonly warning?: { readonly message: string; readonly hint: string } };
  readonly diagnostics?: readonly { readonly message: string; readonly hint: string }[];
}

let home = '';
const cacheOf = (folder: string): string => join(folder, 'job-splitter', 'unpacked');
const unpackedIn = (folder: string): string => join(cacheOf(folder), name);

function unpackBy(uid: number | undefined, environment: Readonly<Record<string, string>> = {}): Answer {
  const env = { XDG_CACHE_HOME: home, TMPDIR: join(root, 'tmp'), ...environment };
  const { stdout, stderr } = spawnSync(node, [script, carried], {
    env,
    encoding: 'utf8',
    ...(uid !== undefined && { uid, gid: uid }),
  });
  assert.ok(stdout.startsWith('{'), stderr);
  return JSON.parse(stdout);
}

/** In the cache, whole, and of nobody else. */
function assertUnpacked({ ok, value }: Answer): void {
  assert.ok(ok);
  assert.equal(value?.folder, unpackedIn(home));
  assert.equal(value?.warning, undefined);
  assert.deepEqual(readdirSync(cacheOf(home)), [name]);
  for (const [path, text] of Object.entries(texts)) {
    const place = join(unpackedIn(home), path);
    assert.equal(readFileSync(place, 'utf8'), text);
    for (let at = place; at !== home; at = dirname(at)) {
      assert.ok(!lstatSync(at).isSymbolicLink(), at);
      assert.equal(lstatSync(at).mode & 0o077, 0, at);
    }
  }
}

/** Elsewhere, and gone at the end; the cache is as it was. */
function assertForNow({ value }: Answer, why: RegExp): void {
  assert.match(value?.warning?.message ?? '', why);
  assert.ok(value?.folder.startsWith(join(root, 'tmp')), value?.folder);
  assert.ok(!existsSync(value?.folder ?? ''));
  assert.deepEqual(readdirSync(join(root, 'tmp')), []);
}

describe('what an executable carries, unpacked', { skip: process.platform === 'win32' && 'owners and modes' }, () => {
  beforeEach(() => {
    home = mkdtempSync(join(root, 'home-'));
    rmSync(join(root, 'tmp'), { recursive: true, force: true });
    mkdirSync(join(root, 'tmp'));
    chmodSync(join(root, 'tmp'), 0o1777);
  });

  it('once, and found again; what nobody has used for half a year goes', () => {
    assertUnpacked(unpackBy(undefined));
    const inode = lstatSync(unpackedIn(home)).ino;
    assertUnpacked(unpackBy(undefined));
    assert.equal(lstatSync(unpackedIn(home)).ino, inode);
    const [old, recent] = ['0'.repeat(32), '1'.repeat(32)].map((it) => join(cacheOf(home), it)) as [string, string];
    for (const [folder, days] of [
      [old, 200],
      [recent, 100],
    ] as const) {
      mkdirSync(folder);
      const then = new Date(Date.now() - days * 86_400_000);
      utimesSync(folder, then, then);
    }
    unpackBy(undefined);
    assert.deepEqual([existsSync(old), existsSync(recent)], [false, true]);
  });

  const tool = 'packages/node_modules/tool/index.js';
  const harm: Readonly<Record<string, (folder: string) => void>> = {
    'a changed file': (folder) => writeFileSync(join(folder, tool), 'module.exports = "evil";\n'),
    'a file cut short': (folder) => writeFileSync(join(folder, tool), ''),
    'a missing file': (folder) => rmSync(join(folder, tool)),
    'one file more': (folder) =>
      writeFileSync(join(folder, 'packages', 'node_modules', 'tool', 'index.json'), '"evil"'),
    'a link instead of a file, to equal content': (folder) => {
      writeFileSync(join(root, 'equal'), texts[tool] ?? '');
      rmSync(join(folder, tool));
      symlinkSync(join(root, 'equal'), join(folder, tool));
    },
    'a file that others may write to': (folder) => chmodSync(join(folder, tool), 0o766),
    'a folder that others may write to': (folder) => chmodSync(join(folder, 'packages'), 0o777),
    'a file in place of it': (folder) => {
      rmSync(folder, { recursive: true });
      writeFileSync(folder, 'x');
    },
    'a link in place of it': (folder) => {
      const elsewhere = mkdtempSync(join(root, 'elsewhere-'));
      rmSync(folder, { recursive: true });
      symlinkSync(elsewhere, folder);
    },
  };
  for (const [what, spoil] of Object.entries(harm)) {
    it(`${what}: made anew`, () => {
      unpackBy(undefined);
      spoil(unpackedIn(home));
      assertUnpacked(unpackBy(undefined));
    });
  }

  it('a link in place of it: what it leads to is not touched', () => {
    mkdirSync(cacheOf(home), { recursive: true, mode: 0o700 });
    const elsewhere = mkdtempSync(join(root, 'elsewhere-'));
    writeFileSync(join(elsewhere, 'mine'), 'x');
    symlinkSync(elsewhere, unpackedIn(home));
    chmodSync(join(home, 'job-splitter'), 0o700);
    assertUnpacked(unpackBy(undefined));
    assert.deepEqual(readdirSync(elsewhere), ['mine']);
  });

  it('folders above it that others may write to are closed, and what is there is not believed', () => {
    mkdirSync(cacheOf(home), { recursive: true });
    for (const folder of [join(home, 'job-splitter'), cacheOf(home)]) chmodSync(folder, 0o777);
    mkdirSync(join(unpackedIn(home), dirname(tool)), { recursive: true });
    writeFileSync(join(unpackedIn(home), tool), 'module.exports = "evil";\n');
    assertUnpacked(unpackBy(undefined));
  });

  it('a link above it, or a cache that others may rename things in: elsewhere, for this time', () => {
    symlinkSync(mkdtempSync(join(root, 'elsewhere-')), join(home, 'job-splitter'));
    assertForNow(unpackBy(undefined), /job-splitter is a link or a file/);
    rmSync(join(home, 'job-splitter'));
    chmodSync(home, 0o777);
    assertForNow(unpackBy(undefined), /others may write to/);
    assert.deepEqual(readdirSync(home), []);
  });

  it('ten at once: one folder, the same for all', async () => {
    const starts = Array.from({ length: 10 }, async () => {
      const child = spawn(node, [script, carried], {
        env: { XDG_CACHE_HOME: home },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let text = '';
      child.stdout.on('data', (piece) => (text += piece));
      await new Promise((resolve) => child.on('close', resolve));
      return JSON.parse(text) as Answer;
    });
    for (const answer of await Promise.all(starts)) assertUnpacked(answer);
  });

  it('neither cache nor temporary folder: says so and what to do', () => {
    writeFileSync(join(root, 'no-folder'), '');
    const answer = unpackBy(undefined, { XDG_CACHE_HOME: join(root, 'no-folder'), TMPDIR: join(root, 'nowhere') });
    assert.equal(answer.ok, false);
    assert.match(answer.diagnostics?.[0]?.message ?? '', /cannot be unpacked: .*(ENOTDIR|EEXIST).*; .*ENOENT/);
    assert.match(answer.diagnostics?.[0]?.hint ?? '', /XDG_CACHE_HOME or TMPDIR/);
  });

  describe('with another user on the machine', { skip: !isRoot && 'needs root, to be two users' }, () => {
    it('what belongs to the other one is not used, by root neither', () => {
      chmodSync(home, 0o1777);
      mkdirSync(cacheOf(home), { recursive: true, mode: 0o755 });
      for (const folder of [join(home, 'job-splitter'), cacheOf(home)]) chownSync(folder, nobody, nobody);
      assertForNow(unpackBy(undefined), /job-splitter belongs to another user/);
      for (const folder of [join(home, 'job-splitter'), cacheOf(home)]) chownSync(folder, 0, 0);
      assertForNow(unpackBy(nobody), /job-splitter belongs to another user/);
    });

    it('a folder of another user in place of it, or a file of theirs in it: made anew', () => {
      unpackBy(undefined);
      chownSync(unpackedIn(home), nobody, nobody);
      assertUnpacked(unpackBy(undefined));
      chownSync(join(unpackedIn(home), tool), nobody, nobody);
      assertUnpacked(unpackBy(undefined));
    });

    it("root with another user's cache (sudo keeps HOME) leaves it alone", () => {
      chownSync(home, nobody, nobody);
      chmodSync(home, 0o700);
      assertForNow(unpackBy(undefined), /belongs to another user/);
      assert.deepEqual(readdirSync(home), []);
    });

    it('a home folder that cannot be written to: elsewhere, for this time', () => {
      chmodSync(home, 0o555);
      assertForNow(unpackBy(nobody), /EACCES/);
    });
  });
});
