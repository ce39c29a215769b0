import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { runChaos } from '../fixtures/campaign-chaos.ts';
import { begunIn, endOf, type Member, mergeFrom, reducedAlone, startMember } from '../fixtures/campaign-run.ts';
import { emptyFolder, fixtureExecutable, readRows, readSummary, start } from '../fixtures/executable.ts';
import { freePort } from '../fixtures/free-port.ts';
import { NatsServer, noNatsServer } from '../fixtures/nats-server.ts';
import { readText, until } from '../fixtures/processes.ts';

describe('a campaign on a NATS server, on the built executable', { skip: noNatsServer }, () => {
  let program = '';
  let server: NatsServer;
  before(async () => {
    program = await fixtureExecutable();
    server = await NatsServer.start();
  });
  after(() => server.end());

  /** Each test has a queue of its own on the same server. */
  const queue = (name: string): string => `${server.address}/${name}`;
  it('four machines of unequal speed are ready together, although the weights are wrong by a factor of 4', async () => {
    const environment = { JOBS: '300', JOB_MS: '20' };
    const slowness = { lab1: 1, lab2: 2, lab3: 4, lab4: 4 };
    const weights = JSON.stringify({ lab1: [1, 1], lab2: [2, 1], lab3: [4, 1], lab4: [4, 1] });
    const members = Object.entries(slowness).map(([name, factor]) => {
      const folder = emptyFolder();
      writeFileSync(join(folder, 'machines.json'), weights);
      return startMember(program, name, queue('uneven'), { ...environment, SLOWNESS: String(factor) }, [], folder);
    });
    for (const member of members) assert.equal((await endOf(member)).code, 0, member.started.heard());
    const begun = members.map(({ name, folder }) => {
      const times = readRows(join(folder, `fixture.${name}`, 'results.csv')).map((row) => {
        const [, seconds = '', started = ''] = row.split(',');
        return { from: Date.parse(started), to: Date.parse(started) + 1_000 * Number(seconds) };
      });
      return { speed: 1 / slowness[name as keyof typeof slowness], times };
    });
    const first = Math.min(...begun.flatMap(({ times }) => times.map(({ from }) => from)));
    const last = Math.max(...begun.flatMap(({ times }) => times.map(({ to }) => to)));
    // Each computes from its first job on; what all could do until the end, against what there was to do.
    const couldMs = begun.reduce(
      (sum, { speed, times }) => sum + speed * (last - Math.min(...times.map(({ from }) => from))),
      0,
    );
    // On these machines a job takes its time and what the worker needs around it.
    const didMs = begun.reduce(
      (sum, { speed, times }) => sum + speed * times.reduce((all, { from, to }) => all + to - from, 0),
      0,
    );
    const efficiency = didMs / couldMs;
    // The static split by these weights: the slowest has 4 of 11 parts, at a quarter of the speed.
    const staticMs = ((300 * 4) / 11) * 20 * 4;
    process.stdout.write(
      `campaign of unequal machines: ${last - first} ms, ${(100 * efficiency).toFixed(1)} % of ideal; static split: ${staticMs.toFixed(0)} ms\n`,
    );
    // Other work on this machine counts against it.
    assert.ok(efficiency > 0.5 && last - first < staticMs, String(efficiency));
    const merged = await mergeFrom(program, queue('uneven'), environment);
    assert.equal(merged.code, 0, merged.said);
  });

  it('merges to the same bits as one machine alone; failed jobs are settled; status says who did what', async () => {
    const environment = { JOBS: '400', JOB_MS: '2', FAIL: '7' };
    const flags = ['-o', 'run.retries=0'];
    const members = ['a', 'b'].map((name) => startMember(program, name, queue('bits'), environment, flags));
    const codes = await Promise.all(members.map(async (member) => (await endOf(member)).code));
    assert.deepEqual(codes.toSorted(), [0, 3], members.map(({ started }) => started.heard()).join('\n'));
    assert.equal(members.flatMap(({ folder }) => begunIn(folder)).length, 400);
    const merged = await mergeFrom(program, queue('bits'), environment);
    assert.equal(merged.code, 3, merged.said);
    assert.match(merged.said, /Settled, 1 failed/);
    assert.deepEqual(merged.reduced, await reducedAlone(program, { ...environment, JOB_SPLITTER_RUN__RETRIES: '0' }));
    const folders = members.map(({ name, folder }) => join(folder, `fixture.${name}`));
    const both = await start(program, ['merge', ...folders], emptyFolder(), { FIXTURE: 'paced', ...environment }).ended;
    assert.equal(both.code, 3, both.stderr);
    const status = await start(program, ['status', '--json', queue('bits')], emptyFolder(), { FIXTURE: 'paced' }).ended;
    const said = JSON.parse(status.stdout);
    assert.deepEqual([said.total, said.done, said.failed, said.lostChunks], [400, 399, 1, 0]);
    assert.equal(
      said.members.reduce((sum: number, { recorded }: { recorded: number }) => sum + recorded, 0),
      400,
    );
    const again = startMember(program, 'a', queue('bits'), environment, flags, members[0]?.folder);
    assert.equal((await endOf(again)).code, codes[0]);
    assert.equal(members.flatMap(({ folder }) => begunIn(folder)).length, 400, 'nothing runs again');
  });

  it('a machine that is stopped gives back what it has not begun; one that joins late takes part', async () => {
    const environment = { JOBS: '150', JOB_MS: '30' };
    const first = startMember(program, 'a', queue('late'), environment);
    await until('it has begun', () => begunIn(first.folder).length > 5);
    first.started.kill('SIGTERM');
    const ended = await endOf(first);
    assert.equal(ended.code, 5, ended.stderr);
    assert.match(ended.stderr, /left/);
    const second = startMember(program, 'nobody knows me', queue('late'), environment);
    assert.equal((await endOf(second)).code, 0, second.started.heard());
    assert.equal(begunIn(first.folder).length + begunIn(second.folder).length, 150, 'each job ran once');
    assert.equal((await mergeFrom(program, queue('late'), environment)).code, 0);
  });

  it('refuses another digest, a wrong password and an unknown certificate; forget makes room', async () => {
    const environment = { JOBS: '20', JOB_MS: '0' };
    const one = startMember(program, 'a', queue('refused'), environment);
    assert.equal((await endOf(one)).code, 0, one.started.heard());
    const other = await endOf(startMember(program, 'b', queue('refused'), { ...environment, JOBS: '21' }));
    assert.equal(other.code, 4);
    assert.match(other.stderr, /number of jobs is 21 here, 20 in the campaign/);
    const wrong = queue('refused').replace('tester:', 'tester:not-');
    const stranger = await endOf(startMember(program, 'b', wrong, environment));
    assert.equal(stranger.code, 2);
    assert.match(stranger.stderr, /refuses these credentials/);
    assert.doesNotMatch(stranger.stderr + ended(one).stderr, /p@ss|p%40ss/);
    const said = await start(program, ['forget', '--yes', queue('refused')], emptyFolder(), { FIXTURE: 'paced' }).ended;
    assert.equal(said.code, 0, said.stderr);
    assert.equal((await endOf(startMember(program, 'b', queue('refused'), { ...environment, JOBS: '21' }))).code, 0);
    for (const text of readLogs(one.folder)) assert.doesNotMatch(text, /p@ss|p%40ss/);
    function ended(member: Member): { readonly stderr: string } {
      return { stderr: member.started.heard() };
    }
  });

  it('a client without the password disturbs nothing', async () => {
    const environment = { JOBS: '100', JOB_MS: '20' };
    const member = startMember(program, 'a', queue('hostile'), environment);
    await until('it has begun', () => begunIn(member.folder).length > 3);
    for (const text of [
      'PUB x 1\r\ny\r\n',
      'CONNECT {}\r\nPUB fixture.queue.0 0\r\n\r\n',
      '\u0000\u0001\r\n'.repeat(1_000),
      'X'.repeat(2_000_000),
    ]) {
      await shout(server.port, text);
    }
    assert.equal((await endOf(member)).code, 0, member.started.heard());
    const merged = await mergeFrom(program, queue('hostile'), environment);
    assert.equal(merged.code, 0, merged.said);
  });

  it('a result that is longer than the server takes stays on its machine, and merge says so', async () => {
    const small = await NatsServer.start({ lines: ['max_payload: 65536'] });
    try {
      const environment = { JOBS: '12', JOB_MS: '0', TEXT: '100000' };
      const member = startMember(program, 'a', small.address, environment);
      const { code, stderr } = await endOf(member);
      assert.equal(code, 0, stderr);
      assert.match(stderr, /too long for the server/);
      const without = await mergeFrom(program, small.address, environment);
      assert.equal(without.code, 6, without.said);
      assert.match(without.said, /merge the folder of the machine/);
      const all = await mergeFrom(program, small.address, environment, [join(member.folder, 'fixture.a')]);
      assert.equal(all.code, 0, all.said);
    } finally {
      await small.end();
    }
  });

  it('long blocks are cut to what the server takes', async () => {
    const small = await NatsServer.start({ lines: ['max_payload: 65536'] });
    try {
      const environment = { JOBS: '200', JOB_MS: '0', TEXT: '2000' };
      const member = startMember(program, 'a', small.address, environment, ['-o', 'ProgressPool.chunksize=100']);
      assert.equal((await endOf(member)).code, 0, member.started.heard());
      const merged = await mergeFrom(program, small.address, environment);
      assert.equal(merged.code, 0, merged.said);
      assert.doesNotMatch(merged.said, /too long|Evidence/);
    } finally {
      await small.end();
    }
  });

  it('TLS with a certificate that nobody vouches for is refused, with one that is vouched for it works', async () => {
    const folder = emptyFolder();
    const [key, cert] = ['key.pem', 'cert.pem'].map((name) => join(folder, name));
    const words = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost'];
    const made = spawnSync('openssl', [
      ...words,
      '-addext',
      'subjectAltName=DNS:localhost',
      '-keyout',
      `${key}`,
      '-out',
      `${cert}`,
    ]);
    assert.equal(made.status, 0, String(made.stderr));
    const lines = [`tls { cert_file: "${cert}", key_file: "${key}" }`];
    const safe = await NatsServer.start({ host: 'localhost', lines });
    try {
      const environment = { JOBS: '20', JOB_MS: '0' };
      const refused = await endOf(startMember(program, 'a', safe.address.replace('nats:', 'tls:'), environment));
      assert.equal(refused.code, 2);
      assert.match(refused.stderr, /certificate that is not trusted/);
      const trusted = startMember(program, 'a', `${safe.address.replace('nats:', 'tls:')}?ca=${cert}`, environment);
      assert.equal((await endOf(trusted)).code, 0, trusted.started.heard());
    } finally {
      await safe.end();
      rmSync(folder, { recursive: true });
    }
  });

  it('a server that is gone: machines finish what they hold, wait, and go on', async () => {
    const away = await NatsServer.start();
    const environment = { JOBS: '60', JOB_MS: '20' };
    try {
      const member = startMember(program, 'a', away.address, environment, ['-o', 'run.server_wait=60s']);
      await until('it has begun', () => begunIn(member.folder).length > 5);
      await away.kill();
      await until('it says so', () => /the server is not well/.test(member.started.heard()));
      await away.start();
      assert.equal((await endOf(member)).code, 0, member.started.heard());
      assert.match(member.started.heard(), /the server is well again/);
      assert.equal(begunIn(member.folder).length, 60, 'nothing ran twice');
      assert.equal((await mergeFrom(program, away.address, environment)).code, 0);
    } finally {
      await away.end();
    }
  });

  it('a server that does not come back: the machine ends with all its results in its journal', async () => {
    const gone = await NatsServer.start();
    const environment = { JOBS: '60', JOB_MS: '20' };
    try {
      const member = startMember(program, 'a', gone.address, environment, ['-o', 'run.server_wait=3s']);
      await until('it has begun', () => begunIn(member.folder).length > 5);
      await gone.kill();
      const { code, stderr } = await endOf(member);
      assert.equal(code, 5, stderr);
      assert.match(stderr, /Stopped early: the server was waited for in vain/);
      const folder = join(member.folder, 'fixture.a');
      assert.equal(readSummary(folder).jobs.done, begunIn(member.folder).length);
      const rest = await start(program, ['merge', '--partial', folder], emptyFolder(), {
        FIXTURE: 'paced',
        ...environment,
      }).ended;
      assert.equal(rest.code, 0, rest.stderr);
    } finally {
      await gone.end();
    }
  });

  it('a machine that waits for work does not wait for ever for a server that is gone', async () => {
    const gone = await NatsServer.start();
    const environment = { JOBS: '1', JOB_MS: '5000' };
    const flags = ['-o', 'run.server_wait=2s'];
    try {
      const members = ['a', 'b'].map((name) => startMember(program, name, gone.address, environment, flags));
      const folderOf = ({ name, folder }: Member): string => join(folder, `fixture.${name}`);
      await until(
        'one is at work, the other waits',
        () =>
          members.every((member) => existsSync(join(folderOf(member), 'journal.jsonl'))) &&
          members.some(({ folder }) => begunIn(folder).length === 1),
      );
      await gone.kill();
      for (const member of members) {
        const { code, stderr } = await endOf(member);
        assert.equal(code, 5, stderr);
        assert.match(stderr, /waited for in vain|did not take everything/);
      }
      assert.deepEqual(members.map((member) => readSummary(folderOf(member)).jobs.done).toSorted(), [0, 1]);
    } finally {
      await gone.end();
    }
  });

  it('a server whose store is lost is filled anew from the journals', async () => {
    const lost = await NatsServer.start();
    const environment = { JOBS: '120', JOB_MS: '30' };
    try {
      const members = ['a', 'b'].map((name) => startMember(program, name, lost.address, environment));
      await until('they have begun', () => members.every(({ folder }) => begunIn(folder).length > 10));
      await lost.kill();
      lost.loseStore();
      await lost.start();
      for (const member of members) assert.equal((await endOf(member)).code, 0, member.started.heard());
      assert.ok(members.some(({ started }) => /held nothing of this campaign any more/.test(started.heard())));
      const merged = await mergeFrom(program, lost.address, environment);
      assert.equal(merged.code, 0, merged.said);
      assert.deepEqual(merged.reduced, await reducedAlone(program, environment));
    } finally {
      await lost.end();
    }
  });

  it('a machine that waits for work notices that the store is lost', async () => {
    const lost = await NatsServer.start();
    const environment = { JOBS: '1', JOB_MS: '6000' };
    try {
      const members = ['a', 'b'].map((name) => startMember(program, name, lost.address, environment));
      await until(
        'one is at work, the other waits',
        () =>
          members.every(({ folder }) =>
            existsSync(join(folder, `fixture.${folder === members[0]?.folder ? 'a' : 'b'}`, 'journal.jsonl')),
          ) && members.some(({ folder }) => begunIn(folder).length === 1),
      );
      await lost.kill();
      lost.loseStore();
      await lost.start();
      for (const member of members) assert.equal((await endOf(member)).code, 0, member.started.heard());
      const merged = await mergeFrom(program, lost.address, environment);
      assert.equal(merged.code, 0, merged.said);
    } finally {
      await lost.end();
    }
  });

  it('a server that forgets its last seconds, as after a power cut, is told them again', async () => {
    const server = await NatsServer.start();
    const environment = { JOBS: '160', JOB_MS: '30' };
    try {
      const members = ['a', 'b'].map((name) => startMember(program, name, server.address, environment));
      await until('they have begun', () => members.every(({ folder }) => begunIn(folder).length > 10));
      await server.kill();
      server.keepStore();
      await server.start();
      await until('they went on', () => members.every(({ folder }) => begunIn(folder).length > 40));
      await server.kill();
      server.loseStore();
      await server.start();
      for (const member of members) assert.equal((await endOf(member)).code, 0, member.started.heard());
      assert.ok(members.some(({ started }) => /lost the end of its log/.test(started.heard())));
      const merged = await mergeFrom(program, server.address, environment);
      assert.equal(merged.code, 0, merged.said);
      assert.deepEqual(merged.reduced, await reducedAlone(program, environment));
    } finally {
      await server.end();
    }
  });

  it('a campaign that is removed while machines work is begun anew, with all that they have done', async () => {
    const environment = { JOBS: '150', JOB_MS: '40' };
    const members = ['a', 'b'].map((name) => startMember(program, name, queue('removed'), environment));
    await until('they have begun', () => members.every(({ folder }) => begunIn(folder).length > 15));
    const words = ['forget', '--yes', queue('removed')];
    const removed = await start(program, words, emptyFolder(), { FIXTURE: 'paced' }).ended;
    assert.equal(removed.code, 0, removed.stderr);
    for (const member of members) assert.equal((await endOf(member)).code, 0, member.started.heard());
    const merged = await mergeFrom(program, queue('removed'), environment);
    assert.equal(merged.code, 0, merged.said);
  });

  it('a machine does not take part in another campaign that was begun in the place of its own', async () => {
    const environment = { JOBS: '300', JOB_MS: '20' };
    const one = startMember(program, 'a', queue('replaced'), environment);
    await until('it has begun', () => begunIn(one.folder).length > 10);
    one.started.kill('SIGSTOP');
    const words = ['forget', '--yes', queue('replaced')];
    assert.equal((await start(program, words, emptyFolder(), { FIXTURE: 'paced' }).ended).code, 0);
    const other = { JOBS: '21', JOB_MS: '0' };
    assert.equal((await endOf(startMember(program, 'b', queue('replaced'), other))).code, 0);
    one.started.kill('SIGCONT');
    const { code, stderr } = await endOf(one);
    assert.equal(code, 5, stderr);
    assert.match(stderr, /this campaign was removed there, and another one begun/);
    const merged = await mergeFrom(program, queue('replaced'), other);
    assert.equal(merged.code, 0, merged.said);
    assert.match(merged.said, /each of the 21 jobs succeeded/);
  });

  it('kills of server and machines at random moments change nothing', async () => {
    const seed = process.env.SEED ?? String(Date.now());
    const { serverKills, machineKills } = await runChaos(program, 2, seed);
    assert.ok(serverKills + machineKills > 0);
  });

  it('serve starts a server that machines find by the file it writes', async () => {
    const folder = emptyFolder();
    const path = { PATH: process.env.PATH ?? '' };
    const port = await freePort();
    const serving = start(program, ['serve', '--host', '127.0.0.1', '--port', String(port)], folder, path);
    await until('it serves', () => /engine\.url/.test(serving.heard()));
    const environment = { JOBS: '30', JOB_MS: '0' };
    const member = startMember(program, 'a', `@${join(folder, 'engine.url')}`, environment);
    assert.equal((await endOf(member)).code, 0, member.started.heard());
    const secret = readFileSync(join(folder, 'engine.url'), 'utf8');
    assert.match(secret, /^nats:\/\/job-splitter:[\w-]{20,}@127\.0\.0\.1:\d+\n$/);
    assert.ok(!serving.heard().includes(secret.slice(20, 40)), 'the password is in the file alone');
    serving.kill('SIGTERM');
    assert.ok([0, 1].includes((await serving.ended).code ?? -1), serving.heard());
  });
});

describe('a campaign whose server has a full disk', { skip: noNatsServer || whyNoMount() }, () => {
  it('goes on when there is room again, and loses nothing', async () => {
    const program = await fixtureExecutable();
    const store = join(emptyFolder(), 'store');
    mkdirSync(store);
    assert.equal(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', store]).status, 0);
    const full = await NatsServer.start({ storeFolder: store });
    const environment = { JOBS: '100', JOB_MS: '5', TEXT: '20000' };
    try {
      const member = startMember(program, 'a', full.address, environment, ['-o', 'run.server_wait=60s']);
      await until('it says so', () => /the server is not well/.test(member.started.heard()), 60_000);
      assert.equal(spawnSync('mount', ['-o', 'remount,size=64m', store]).status, 0);
      // Version 2.9 does not notice that there is room again.
      await full.kill();
      await full.start();
      assert.equal((await endOf(member)).code, 0, member.started.heard());
      const merged = await mergeFrom(program, full.address, environment);
      assert.equal(merged.code, 0, merged.said);
    } finally {
      await full.end();
      spawnSync('umount', ['-l', store]);
    }
  });
});

function whyNoMount(): string | false {
  if (process.getuid?.() !== 0) return 'needs root (a file system of its own)';
  const folder = emptyFolder();
  const can = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder]).status === 0;
  if (can) spawnSync('umount', [folder]);
  return can ? false : 'needs the privilege to mount';
}

function shout(port: number, text: string): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(text, () => setTimeout(() => socket.destroy(), 100)));
    socket.on('close', () => resolve());
    socket.on('error', () => resolve());
  });
}

function readLogs(folder: string): readonly string[] {
  const run = join(folder, 'fixture.a');
  return ['journal.jsonl', 'summary.json', 'runner.config', 'logs/run.log'].map((name) => readText(join(run, name)));
}
