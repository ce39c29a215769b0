import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** How to start a program made for another system, as if it ran there. */
export interface Elsewhere {
  readonly why: string | false;
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Before the first start, and after the last one. */
  readonly open: () => void;
  readonly close: () => void;
}

const nothing = (): void => undefined;

export const here: Elsewhere = { why: false, command: [], environment: {}, open: nothing, close: nothing };

const binfmt = '/proc/sys/fs/binfmt_misc';
const armLibraries = '/usr/aarch64-linux-gnu';
const qemu = '/usr/bin/qemu-aarch64-static';

/** An executable starts itself for its workers: the kernel must know whom to give it to. */
export function arm64Linux(): Elsewhere {
  const missing = [qemu, armLibraries].filter((path) => !existsSync(path));
  return {
    why: missing.length > 0 ? `needs ${missing.join(', ')}` : whyNoBinfmt(),
    command: [],
    environment: { QEMU_LD_PREFIX: armLibraries },
    open: nothing,
    close: nothing,
  };
}

function whyNoBinfmt(): string | false {
  if (existsSync(join(binfmt, 'qemu-aarch64'))) return false;
  if (!existsSync(join(binfmt, 'register'))) {
    const { status } = spawnSync('mount', ['-t', 'binfmt_misc', 'binfmt_misc', binfmt]);
    if (status !== 0) return 'needs the privilege to mount binfmt_misc';
  }
  // The first 20 bytes of an ELF file of 64 bits for this processor, as QEMU's own list has them.
  const magic = '7f454c460201010000000000000000000200b700';
  const mask = 'ffffffffffffff00fffffffffffffffffeffffff';
  const spell = (hex: string): string => hex.replace(/../g, '\\x$&');
  try {
    writeFileSync(join(binfmt, 'register'), `:qemu-aarch64:M::${spell(magic)}:${spell(mask)}:${qemu}:F`);
    return false;
  } catch {
    return 'needs the privilege to register with binfmt_misc';
  }
}

const wine = '/usr/lib/wine/wine64';

export function windows(folder: string): Elsewhere {
  const environment = {
    WINEPREFIX: join(folder, 'wine'),
    WINEDEBUG: '-all',
    // Without these it would ask for Mono and Gecko.
    WINEDLLOVERRIDES: 'mscoree,mshtml=',
    PATH: '/usr/bin:/bin',
    HOME: folder,
  };
  return {
    why: !existsSync(wine) && `needs ${wine}`,
    command: [wine],
    environment,
    open: () => {
      // Node.js refuses the older Windows that a new prefix claims to be.
      const { status } = spawnSync(wine, ['winecfg', '-v', 'win10'], { env: environment, stdio: 'ignore' });
      assert.equal(status, 0);
    },
    close: () => void spawnSync('/usr/lib/wine/wineserver64', ['-k'], { env: environment, stdio: 'ignore' }),
  };
}

/** A Debian of its own with nothing but what every system has. */
export function chroot(folder: string, suite: string): Elsewhere {
  const inside = join(folder, suite);
  const debootstrap = '/usr/sbin/debootstrap';
  return {
    why: existsSync(debootstrap)
      ? process.getuid?.() !== 0 && 'needs root, for a root folder of its own'
      : `needs ${debootstrap}`,
    command: ['/usr/sbin/chroot', inside],
    environment: { PATH: '', HOME: '/' },
    open: () => {
      const words = ['--variant=minbase', suite, inside, 'http://deb.debian.org/debian'];
      const { status, stdout, stderr } = spawnSync(debootstrap, words, { encoding: 'utf8' });
      assert.equal(status, 0, stdout.slice(-2_000) + stderr);
      for (const place of ['proc', 'dev']) {
        mkdirSync(join(inside, place), { recursive: true });
        assert.equal(spawnSync('mount', ['--bind', `/${place}`, join(inside, place)]).status, 0);
      }
    },
    close: () => {
      for (const place of ['proc', 'dev']) spawnSync('umount', ['--lazy', join(inside, place)]);
    },
  };
}

/** Starts it with its output in files: Node.js under Wine cannot write to pipes. */
export function runElsewhere(
  { command, environment }: Elsewhere,
  words: readonly string[],
  folder: string,
  more: Readonly<Record<string, string>>,
): { readonly code: number | null; readonly output: string } {
  const log = join(folder, 'output.txt');
  const descriptor = openSync(log, 'w');
  const [program = '', ...rest] = [...command, ...words];
  const { status } = spawnSync(program, rest, {
    cwd: folder,
    env: { ...environment, ...more },
    stdio: ['ignore', descriptor, descriptor],
    timeout: 300_000,
  });
  closeSync(descriptor);
  return { code: status, output: readFileSync(log, 'utf8') };
}
