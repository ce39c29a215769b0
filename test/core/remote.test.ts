import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { blameSsh } from '../../src/core/remote/blame-ssh.ts';
import { PieceCutter, planFetch, startsToCompare } from '../../src/core/remote/collect-plan.ts';
import { copyOf, parseSurvey, programName, programNames } from '../../src/core/remote/deploy-plan.ts';
import { parseListing } from '../../src/core/remote/listing.ts';
import { encodeCommand, quoteArgument, quotePowerShell } from '../../src/core/remote/quote-windows.ts';
import { formatRemoteFolder, parseRemoteFolder } from '../../src/core/remote/remote-folder.ts';
import { pieceEnd } from '../../src/core/remote/remote-scripts.ts';
import { whyNoSshHost } from '../../src/core/remote/ssh-host.ts';
import { sharesConnections, sshWords } from '../../src/core/remote/ssh-options.ts';
import { parseStart } from '../../src/core/remote/start-end.ts';
import { targetOf } from '../../src/core/remote/target-of.ts';
import { frameForPowerShell, windowsProbe } from '../../src/core/remote/windows-frame.ts';
import { windowsScripts } from '../../src/core/remote/windows-scripts.ts';

describe('what ssh may be told to connect to', () => {
  for (const host of [
    'lab1',
    'me@lab1',
    'me@lab1.example.org',
    'me@10.0.0.7',
    'me@[::1]',
    'ssh://me@lab1:2222',
    'a@b@lab1',
    'd\u00e9p\u00f4t',
  ])
    it(host, () => assert.equal(whyNoSshHost(host), undefined));
  for (const host of [
    '-oProxyCommand=touch hurt',
    '-oProxyCommand=x',
    'me@-oProxyCommand=x',
    '-l@lab1',
    'ssh://-oProxyCommand=x',
    'ssh://me@-x:22',
    'lab1;reboot',
    'me@$(reboot)',
    'me@`reboot`',
    'a b',
    'a\nb',
    "me@lab'1",
    'me@',
    '@lab1',
    '',
    'x'.repeat(501),
  ])
    it(`not ${JSON.stringify(host.slice(0, 40))}`, () => assert.notEqual(whyNoSshHost(host), undefined));

  it('it comes after everything that could be an option', () => {
    const words = sshWords(
      { configFile: 'my config', control: { path: '/tmp/a b%c/s', role: 'client' } },
      'lab1',
      'true',
    );
    assert.deepEqual(words.slice(0, 2), ['-F', 'my config']);
    assert.deepEqual(words.slice(-3), ['--', 'lab1', 'true']);
    assert.ok(words.includes('BatchMode=yes'));
    assert.ok(words.includes('ControlPath="/tmp/a b%%c/s"'));
  });

  it('connections that the user shares are gone through', () => {
    assert.equal(sharesConnections('user me\ncontrolmaster auto\ncontrolpath /home/me/.ssh/%C\n'), true);
    assert.equal(sharesConnections('user me\ncontrolmaster false\n'), false);
    assert.equal(sharesConnections('controlpath none\n'), false);
  });
});

describe('what ssh says when nothing comes of it', () => {
  const changed = `@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@
@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @
Host key for lab1 has changed and you have requested strict checking.
Host key verification failed.`;
  for (const [said, what, hint] of [
    [changed, /its host key has changed.*nothing was sent/, /ssh-keygen -R lab1,/],
    [
      'No ED25519 host key is known for lab1 and you have requested strict checking.\nHost key verification failed.',
      /host key is not known here/,
      /connect once by hand/,
    ],
    [
      'me@lab1: Permission denied (publickey,password).',
      /does not let you in without a question/,
      /ssh-copy-id me@lab1/,
    ],
    ['ssh: Could not resolve hostname lab1: Name or service not known', /no such host/, /machines.json/],
    [
      'ssh: connect to host lab1 port 22: Connection refused',
      /no connection \(ssh: connect to host lab1 port 22: Connection refused\)/,
      /by hand: ssh me@lab1/,
    ],
    ['', /^me@lab1: no connection$/, /by hand/],
  ] as const) {
    it(said.split('\n').at(-1) || 'nothing', () => {
      const { message, hint: todo } = blameSsh('me@lab1', said);
      assert.match(message, what);
      assert.match(todo ?? '', hint);
    });
  }

  it('a command to type has the configuration that was given', () => {
    const hintOf = (said: string): string => blameSsh('me@lab1', said, { configFile: 'my labs/config' }).hint ?? '';
    assert.match(hintOf('Host key verification failed.'), /the key: ssh -F 'my labs\/config' me@lab1$/);
    assert.match(
      hintOf('Permission denied'),
      /ssh-copy-id -F 'my labs\/config' me@lab1\).* ssh -F 'my labs\/config' me@lab1 must/,
    );
    assert.match(hintOf(''), /by hand: ssh -F 'my labs\/config' me@lab1$/);
  });
});

describe('which target a machine is', () => {
  for (const [system, architecture, target] of [
    ['Linux', 'x86_64', 'linux-x64'],
    ['Linux', 'aarch64', 'linux-arm64'],
    ['Darwin', 'arm64', 'macos-arm64'],
    ['Darwin', 'x86_64', 'macos-x64'],
    ['Windows', 'AMD64', 'win-x64'],
    ['Windows\r', 'ARM64\r', 'win-arm64'],
    ['MINGW64_NT-10.0-19045', 'x86_64', 'win-x64'],
    ['Linux', 'armv7l', undefined],
    ['FreeBSD', 'amd64', undefined],
    ['', '', undefined],
  ] as const)
    it(`${system} ${architecture}`, () => assert.equal(targetOf(system, architecture), target));
});

describe('the folder on the other side', () => {
  for (const [text, spelt] of [
    ['~/a/b', '~/a/b'],
    ['a/b', '~/a/b'],
    ['-x', '~/-x'],
    ['/scratch/me', '/scratch/me'],
    ['D:\\runs', 'D:\\runs'],
    ['~', undefined],
    ['', undefined],
    ['~me/x', undefined],
    ['a\nb', undefined],
  ] as const) {
    it(JSON.stringify(text), () => {
      const folder = parseRemoteFolder(text);
      assert.equal(folder.ok ? formatRemoteFolder(folder.value) : undefined, spelt);
    });
  }
});

describe('copies', () => {
  const file = { path: 'x', name: 'sim-linux-x64-0123', bytes: 5, sha256: 'ab'.repeat(32), isProgram: true };
  it('a program is named after its content; copies of two machines that share a folder are apart', () => {
    assert.equal(programName(programNames('sim', 'win-x64'), 'ab'.repeat(32)), 'sim-win-x64-abababababababab.exe');
    assert.notEqual(copyOf(file, 'lab1').part, copyOf(file, 'lab2').part);
    assert.notEqual(copyOf(file, 'lab1').part, copyOf({ ...file, sha256: 'cd'.repeat(32) }, 'lab1').part);
  });

  const nothing = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
  it('a survey, also with the line ends of Windows', () => {
    const copies = [copyOf(file, 'lab1'), copyOf({ ...file, name: 'b' }, 'lab1')];
    const output = `${nothing}\r\n${'AB'.repeat(32)}\r\n0\r\n-\r\n 123\r\n`;
    assert.deepEqual(parseSurvey(output, copies), [
      { isThere: true, arrivedBytes: 0 },
      { isThere: false, arrivedBytes: 123 },
    ]);
    for (const bad of ['', `${nothing}\n-\n0\n`, '-\n-\n0\n-\n0\n', `${nothing}\nx\n0\n-\n0\n`])
      assert.equal(parseSurvey(bad, copies), undefined);
  });

  it('what came of a start', () => {
    assert.deepEqual(parseStart('started\n'), { kind: 'started' });
    assert.deepEqual(parseStart('slow\r\n'), { kind: 'slow' });
    assert.deepEqual(parseStart('ended 7\nis being computed already\n'), { kind: 'already-running' });
    assert.deepEqual(parseStart('ended 3\n'), { kind: 'finished', hasFailed: true });
    assert.deepEqual(parseStart('ended 4\na\nb\n'), { kind: 'ended', code: 4, lastLines: ['a', 'b'] });
    assert.equal(parseStart('sh: nohup: not found'), undefined);
  });
});

describe('a listing is not believed', () => {
  it('only plain names below the folder, the journal first', () => {
    const { files, refused } = parseListing(
      [
        '   12 ./journal.jsonl',
        '3 ./results.csv',
        '  4 ./files/17/a b $(x).png',
        '5 ./../../etc/passwd',
        '5 ./files/../../x',
        '5 ./a\\b',
        '5 ./C:evil',
        '5 ./a\u001b[2J',
        '5 ./nul.txt',
        '6 ./lock.json',
        '6 ./checkpoints/x.json',
        '6 ./files/.17.attempt-2/x',
        '6 ./status.json.new',
        '7 ./journal.jsonl',
        '41 total',
        '5 /etc/passwd',
        'find: ./x: Permission denied',
      ].join('\n'),
    );
    assert.deepEqual(files, [
      { path: 'journal.jsonl', bytes: 12 },
      { path: 'results.csv', bytes: 3 },
      { path: 'files/17/a b $(x).png', bytes: 4 },
    ]);
    assert.equal(refused.length, 6);
  });

  it('whatever is listed, no path leaves the folder', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[./\\a:\n -]{0,12}$/)), (names) => {
        for (const { path } of parseListing(names.map((name) => `1 ./${name}`).join('\n')).files)
          assert.ok(!path.split('/').some((part) => ['', '.', '..'].includes(part)) && !/[\\:]/.test(path), path);
      }),
    );
  });
});

describe('what is fetched', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 6 });
  const path = fc.constantFrom('journal.jsonl', 'results.csv', 'logs/run.log', 'summary.json');

  it('makes here what is there, in as many stretches of any length as they come', () => {
    fc.assert(
      fc.property(
        fc.dictionary(path, text),
        fc.dictionary(path, text),
        fc.integer({ min: 1, max: 5 }),
        (there, before, step) => {
          const here = { ...before };
          const listed = Object.entries(there).map(([name, content]) => ({ path: name, bytes: content.length }));
          const sizeOf = (name: string): number | undefined => here[name]?.length;
          const same = new Set(
            startsToCompare(listed, sizeOf)
              .filter(({ path: name, bytes }) => there[name]?.slice(0, bytes) === here[name]?.slice(0, bytes))
              .map(({ path: name }) => name),
          );
          const wishes = planFetch(listed, sizeOf, (name) => same.has(name));
          const pieces = wishes.map(({ piece }) => piece);
          const answer = Buffer.from(
            pieces.map((it) => `${there[it.path]?.slice(it.offset, it.offset + it.bytes)}${pieceEnd}`).join(''),
          );
          const cutter = new PieceCutter(pieces);
          const got = pieces.map(() => '');
          for (let at = 0; at < answer.length; at += step) {
            for (const part of cutter.cut(answer.subarray(at, at + step)) ?? assert.fail('cut'))
              got[part.at] += Buffer.from(part.bytes).toString();
          }
          assert.ok(cutter.isDone);
          for (const [at, { kind, piece }] of wishes.entries())
            here[piece.path] = (kind === 'append' ? (here[piece.path] ?? '').slice(0, piece.offset) : '') + got[at];
          for (const { path: name } of listed) assert.equal(here[name], there[name]);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('a stretch of another length than was listed is noticed', () => {
    const pieces = [
      { path: 'a', offset: 0, bytes: 3 },
      { path: 'b', offset: 0, bytes: 2 },
    ];
    for (const answer of [`ab${pieceEnd}cd${pieceEnd}`, `abcd${pieceEnd}cd${pieceEnd}`, `abc${pieceEnd}cd${pieceEnd}x`])
      assert.equal(new PieceCutter(pieces).cut(Buffer.from(answer)), undefined, answer);
    const cutOff = new PieceCutter(pieces);
    assert.ok(cutOff.cut(Buffer.from(`abc${pieceEnd}c`)));
    assert.equal(cutOff.isDone, false);
  });

  it('files of jobs that are here are not read again', () => {
    const listed = [{ path: 'files/3/a.png', bytes: 7 }];
    assert.deepEqual(
      startsToCompare(listed, () => 7),
      [],
    );
    assert.deepEqual(
      planFetch(
        listed,
        () => 7,
        () => false,
      ),
      [],
    );
    assert.equal(
      planFetch(
        listed,
        () => 5,
        () => false,
      )[0]?.kind,
      'replace',
    );
  });
});

describe('Windows', () => {
  /** As CommandLineToArgvW takes a line apart. */
  function argumentsOf(line: string): readonly string[] {
    const found: string[] = [];
    let [current, isQuoted, isOpen] = ['', false, false];
    for (let at = 0; at < line.length; ) {
      const [slashes = ''] = /^\\*/.exec(line.slice(at)) ?? [];
      at += slashes.length;
      const isBeforeQuote = line[at] === '"';
      current += '\\'.repeat(isBeforeQuote ? Math.floor(slashes.length / 2) : slashes.length);
      isOpen ||= slashes !== '';
      const character = line[at++];
      if (character === undefined) break;
      if (character === '"' && slashes.length % 2 === 1) current += '"';
      else if (character === '"') {
        isQuoted = !isQuoted;
        isOpen = true;
      } else if (/\s/.test(character) && !isQuoted) {
        if (isOpen) found.push(current);
        [current, isOpen] = ['', false];
      } else {
        current += character;
        isOpen = true;
      }
    }
    if (isOpen) found.push(current);
    return found;
  }

  it('arguments come through a command line as they are', () => {
    const word = fc.string({ unit: fc.constantFrom('\\', '"', ' ', 'a', "'", '%', '\t', '$') });
    fc.assert(
      fc.property(fc.array(word), (words) => assert.deepEqual(argumentsOf(words.map(quoteArgument).join(' ')), words)),
    );
  });

  it('texts for PowerShell end where they should, whatever quotes are in them', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("'", '\u2019', '\u201b', '"', '$', '`', 'a') }), (text) => {
        const inner = quotePowerShell(text).slice(1, -1);
        assert.equal(inner.replace(/(['\u2018\u2019\u201a\u201b])\1/g, '$1'), text);
        assert.doesNotMatch(inner.replace(/(['\u2018\u2019\u201a\u201b])\1/g, ''), /['\u2018\u2019\u201a\u201b]/);
      }),
    );
  });

  it('the command is one word of letters and digits; the script, of any length, comes behind it', () => {
    const { command, text } = frameForPowerShell(windowsProbe, 'token');
    const [, encoded = ''] =
      /^powershell -NoProfile -NonInteractive -EncodedCommand ([A-Za-z0-9+/=]+)$/.exec(command) ?? [];
    const load = Buffer.from(encoded, 'base64').toString('utf16le');
    assert.match(load, new RegExp(`New-Object byte\\[\\] ${Buffer.byteLength(text)}\n`));
    assert.equal(
      Buffer.from(encodeCommand('a\u00e9\ud83d\ude00'), 'base64').toString('utf16le'),
      'a\u00e9\ud83d\ude00',
    );
  });

  it('names stand in quotes everywhere', () => {
    const scripts = windowsScripts({ isInHome: true, path: "it's $(evil)" });
    const start = {
      program: 'p.exe',
      words: ['--machine', "it's $(evil)"],
      log: "it's $(evil).log",
      runFolder: "it's $(evil)",
    };
    for (const script of [scripts.start(start), scripts.list("it's $(evil)")])
      assert.equal(script.replace(/'(?:[^']|'')*'/g, '').includes('evil'), false, script);
  });
});
