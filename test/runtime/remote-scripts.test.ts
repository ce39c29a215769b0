import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { after, describe, it } from 'node:test';
import fc from 'fast-check';
import { copyOf, parseSurvey } from '../../src/core/remote/deploy-plan.ts';
import { parseListing } from '../../src/core/remote/listing.ts';
import { posixProbe, posixScripts } from '../../src/core/remote/posix-scripts.ts';
import { quoteSh } from '../../src/core/remote/quote-sh.ts';
import { pieceEnd, scriptCodes } from '../../src/core/remote/remote-scripts.ts';
import { frameForSh } from '../../src/core/remote/script-command.ts';
import { targetOf } from '../../src/core/remote/target-of.ts';
import { AnswerReader } from '../../src/runtime/remote/answer-reader.ts';
import { emptyFolder } from '../fixtures/executable.ts';

const home = emptyFolder();
after(() => rmSync(home, { recursive: true, force: true }));
const odd = 'a b\'s "$(touch hurt)" `touch hurt` [x]*? \\ ; & | < > ! ~ # é';

/** What the other side does: the login shell gets the command, which reads the script and then what follows. */
async function run(
  script: string,
  input = '',
  shell = '/bin/sh',
): Promise<{ code: number | undefined; output: string }> {
  const { command, text } = frameForSh(script, 'token-1');
  const child = spawn(shell, ['-c', command], { env: { HOME: home, PATH: '/usr/bin:/bin' }, cwd: home });
  let output = '';
  const reader = new AnswerReader('token-1', (bytes) => {
    output += bytes.toString('latin1');
  });
  child.stdout.on('data', (chunk) => reader.add(chunk));
  child.stdin.on('error', () => undefined);
  child.stdin.end(text + input);
  await new Promise((resolve) => child.once('close', resolve));
  return { code: reader.end().code, output };
}

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

describe('quoting for sh', () => {
  it('any texts without NUL come through as they are', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom("'", '\\', '\n', '$', '`', '!', '-') }),
    );
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 50 }), (texts) => {
        const words = texts.map((one) => one.replaceAll('\0', '').toWellFormed());
        const { stdout } = spawnSync('/bin/sh', ['-c', `printf '%s\\0' ${words.map(quoteSh).join(' ')}`], {
          encoding: 'utf8',
        });
        assert.deepEqual(stdout.split('\0').slice(0, -1), words);
      }),
      { numRuns: 60 },
    );
  });

  it('a NUL is a bug of ours', () => assert.throws(() => quoteSh('a\0b'), /Internal error/));
});

describe('scripts, run by a real sh', () => {
  const scripts = posixScripts({ isInHome: true, path: odd });
  const content = 'x'.repeat(100_000);
  const file = { path: '', name: `${odd}.csv`, bytes: content.length, sha256: hashOf(content), isProgram: true };
  const copy = copyOf(file, odd);

  it('says what system it is', async () => {
    const { output } = await run(posixProbe);
    const [system = '', architecture = ''] = output.split('\n');
    assert.match(targetOf(system, architecture) ?? '', /^(linux|macos)-/);
  });

  it('a copy in two parts gets its name only when it is whole', async () => {
    const survey = async (): Promise<unknown> => parseSurvey((await run(scripts.survey([copy]))).output, [copy])?.[0];
    assert.deepEqual(await survey(), { isThere: false, arrivedBytes: 0 });
    assert.equal((await run(scripts.append(copy, 0), content.slice(0, 60_000))).code, 0);
    assert.deepEqual(await survey(), { isThere: false, arrivedBytes: 60_000 });
    assert.equal((await run(scripts.append(copy, 10), 'y')).code, scriptCodes.otherSize);
    assert.equal((await run(scripts.append(copy, 60_000), content.slice(60_000))).code, 0);
    assert.equal((await run(scripts.settle(copy))).code, 0);
    assert.deepEqual(await survey(), { isThere: true, arrivedBytes: 0 });
    assert.equal(readFileSync(join(home, odd, file.name), 'utf8'), content);
    assert.equal((await run(scripts.append(copy, 0), 'something else')).code, 0);
    assert.equal((await run(scripts.settle(copy))).code, scriptCodes.otherContent);
    assert.deepEqual(readdirSync(join(home, odd)), [file.name]);
  });

  it('older programs and copies that broke off are removed, unless a run may need them; nothing else is', async () => {
    const place = join(home, odd, 'tidy');
    const there = posixScripts({ isInHome: true, path: `${odd}/tidy` });
    mkdirSync(join(place, 'run'), { recursive: true });
    const names = { prefix: "it's-linux-x64-", suffix: '' };
    const [old, now] = [`${names.prefix}${'0'.repeat(16)}`, `${names.prefix}${'1'.repeat(16)}`];
    const others = [
      `${names.prefix}notes.txt`,
      `${names.prefix}${'g'.repeat(16)}`,
      '.copy-ab-other.part',
      'machines.json',
    ];
    for (const name of [old, now, ...others, '.copy-ab-mine.part']) writeFileSync(join(place, name), '');
    writeFileSync(join(place, 'run', 'lock.json'), '');
    const tidy = there.tidy(names, now, 'mine');
    assert.equal((await run(tidy)).code, 0);
    assert.deepEqual(readdirSync(place).sort(), [old, now, 'run', ...others].sort());
    rmSync(join(place, 'run', 'lock.json'));
    assert.equal((await run(tidy)).code, 0);
    assert.deepEqual(readdirSync(place).sort(), [now, 'run', ...others].sort());
    rmSync(place, { recursive: true });
  });

  it('a script that was cut off does nothing at all', async () => {
    const { command, text } = frameForSh('touch hurt; true', 'token-1');
    for (let length = 0; length < text.length - 1; length += 7)
      spawnSync('/bin/sh', ['-c', command], { input: text.slice(0, length), cwd: home });
    assert.deepEqual(readdirSync(home), [odd]);
  });

  it('a run folder is listed, compared and fetched, names of any kind, links left out', async () => {
    const folder = join(home, odd, `run ${odd}`);
    mkdirSync(join(folder, 'files', '7'), { recursive: true });
    writeFileSync(join(folder, 'journal.jsonl'), 'one\ntwo\n');
    writeFileSync(join(folder, 'files', '7', "it's $(touch hurt) [x].png"), 'picture');
    writeFileSync(join(folder, 'files', '7', 'with\nline feed'), 'x');
    symlinkSync('/etc/passwd', join(folder, 'files', '7', 'link'));
    symlinkSync('/etc', join(folder, 'files', '8'));
    const listing = parseListing((await run(scripts.list(`run ${odd}`))).output);
    assert.deepEqual(listing.files, [
      { path: 'journal.jsonl', bytes: 8 },
      { path: "files/7/it's $(touch hurt) [x].png", bytes: 7 },
    ]);
    const starts = listing.files.map(({ path }) => ({ path, bytes: 4 }));
    const hashes = await run(scripts.hashStarts(`run ${odd}`, starts));
    assert.deepEqual(hashes.output.trim().split('\n'), [hashOf('one\n'), hashOf('pict')]);
    const fetched = await run(
      scripts.fetch(
        `run ${odd}`,
        starts.map((it) => ({ ...it, offset: 2, bytes: 3 })),
      ),
    );
    assert.equal(fetched.output, `e\nt${pieceEnd}ctu${pieceEnd}`);
    assert.equal((await run(scripts.list('nothing'))).code, scriptCodes.nothingThere);
  });

  it('nothing in a name was ever run', () => {
    assert.deepEqual(
      readdirSync(home, { recursive: true, encoding: 'utf8' }).filter((name) => /(^|\/)hurt$/.test(name)),
      [],
    );
  });

  for (const shell of ['/bin/bash', '/usr/bin/fish', '/bin/tcsh'])
    it(`the login shell may be ${shell}`, async (test) => {
      if (spawnSync(shell, ['-c', 'true']).status !== 0) return test.skip(`needs Debian's ${basename(shell)}`);
      assert.deepEqual(await run('echo hello; exit 5', '', shell), { code: 5, output: 'hello\n' });
    });
});

describe('an answer is cut out of what comes', () => {
  const token = 'token-1';
  const noise = fc.string({ unit: fc.constantFrom('\n', 't', 'o', 'token-', ' ', '0') });
  const body = fc.string({ unit: fc.constantFrom('\n', 't', 'token-', 'x', ' 0\n') });

  it('whatever stands before it, however it is cut', () => {
    fc.assert(
      fc.property(noise, body, fc.nat(255), fc.integer({ min: 1, max: 9 }), (before, text, code, step) => {
        fc.pre(!before.includes(token) && !text.includes(token));
        const bytes = Buffer.from(`${before}\n${token}\n${text}\n${token} ${code}\n`);
        let got = '';
        const reader = new AnswerReader(token, (part) => {
          got += part.toString();
        });
        for (let at = 0; at < bytes.length; at += step) reader.add(bytes.subarray(at, at + step));
        assert.deepEqual([reader.end().code, got], [code, text]);
      }),
      { numRuns: 500 },
    );
  });

  it('one that was cut off has no code', () => {
    const reader = new AnswerReader(token, () => undefined);
    reader.add(Buffer.from(`hello\n${token}\nabc\n${token}`));
    assert.equal(reader.end().code, undefined);
    assert.equal(reader.hasBegun, true);
  });

  it('another answer is shown as it is', () => {
    const reader = new AnswerReader(token, () => undefined);
    reader.add(Buffer.from('This account is currently not available.\n'));
    assert.deepEqual(reader.end(), { code: undefined, noise: 'This account is currently not available.\n' });
  });
});
