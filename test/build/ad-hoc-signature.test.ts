import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { findSignatureProblem, signAdHoc } from '../../build/ad-hoc-signature.ts';
import { readMachO } from '../../build/mach-o.ts';

/** LLVM's linker signs what it links, with the same structures: an independent implementation. */
const tools = ['llvm-mc', 'lld', 'llvm-objcopy'];
const missing = tools.filter((name) => !existsSync(`/usr/bin/${name}`));
const skip = missing.length > 0 && `needs ${missing.join(', ')} (Debian packages llvm and lld)`;

const folder = mkdtempSync(join(tmpdir(), 'job-splitter-mach-o-'));
after(() => rmSync(folder, { recursive: true, force: true }));

function run(command: string, ...words: readonly string[]): void {
  const { status, stderr } = spawnSync(command, words, { cwd: folder, encoding: 'utf8' });
  assert.equal(status, 0, `${command}: ${stderr}`);
}

/** An executable with several pages of code and data. */
function link(processor: 'arm64' | 'x86_64', ...flags: readonly string[]): Buffer {
  const [source, object] = ['code.s', 'code.o'];
  const code = ['.globl _main', '_main:', processor === 'arm64' ? 'ret' : 'retq', '.zerofill __DATA,__bss,_empty,4096'];
  writeFileSync(join(folder, source), [...code, '.data', '.fill 9000, 1, 7', ''].join('\n'));
  run('llvm-mc', '-triple', `${processor}-apple-macos11`, '-filetype=obj', '-o', object, source);
  const platform = ['-platform_version', 'macos', '11.0', '11.0'];
  run(
    'lld',
    '-flavor',
    'darwin',
    '-arch',
    processor,
    ...platform,
    ...flags,
    '-undefined',
    'dynamic_lookup',
    '-o',
    'linked',
    object,
  );
  return readFileSync(join(folder, 'linked'));
}

describe('the ad hoc signature of executables for macOS', { skip }, () => {
  for (const processor of ['arm64', 'x86_64'] as const) {
    it(`${processor}: byte for byte what LLVM's linker writes`, () => {
      const theirs = link(processor, '-adhoc_codesign');
      assert.equal(findSignatureProblem(theirs), undefined);
      // Their own file, its signature spoilt.
      const spoilt = Buffer.from(theirs);
      spoilt.fill(0xff, readMachO(theirs).signature?.offset);
      assert.match(findSignatureProblem(spoilt) ?? '', /damaged/);
      assert.ok(signAdHoc(spoilt, 'linked').equals(theirs));
    });

    it(`${processor}: one that was never signed gets a load command, and LLVM's objcopy signs it alike`, () => {
      const unsigned = link(processor, '-no_adhoc_codesign');
      assert.equal(findSignatureProblem(unsigned), 'it is not signed');
      const signed = signAdHoc(unsigned, 'copied');
      assert.equal(findSignatureProblem(signed), undefined);
      writeFileSync(join(folder, 'signed'), signed);
      run('llvm-objcopy', 'signed', 'copied');
      const copied = readFileSync(join(folder, 'copied'));
      assert.equal(findSignatureProblem(copied), undefined);
      assert.ok(signAdHoc(copied, 'copied').equals(copied));
    });
  }

  it('finds every change, wherever it is', () => {
    const signed = signAdHoc(link('arm64', '-no_adhoc_codesign'), 'x');
    const { signature } = readMachO(signed);
    assert.ok(signature !== undefined);
    const places = [4_000, 17_000, signature.offset - 1, signature.offset + 200, signed.length - 1];
    for (const place of places) {
      const changed = Buffer.from(signed);
      changed[place] = (changed[place] ?? 0) ^ 1;
      assert.notEqual(findSignatureProblem(changed), undefined, String(place));
    }
    assert.notEqual(findSignatureProblem(Buffer.concat([signed, Buffer.from('x')])), undefined);
  });

  it('refuses what is no executable', () => {
    assert.throws(() => signAdHoc(Buffer.alloc(100), 'x'), /no 64-bit Mach-O file/);
    link('arm64');
    assert.throws(() => signAdHoc(readFileSync(join(folder, 'code.o')), 'x'), /no executable/);
  });
});
