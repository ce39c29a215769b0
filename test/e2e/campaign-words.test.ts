import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { begunIn, endOf, mergeFrom, startMember } from '../fixtures/campaign-run.ts';
import {
  type Ended,
  emptyFolder,
  fixtureExecutable,
  readSummary,
  type Started,
  start,
} from '../fixtures/executable.ts';
import { freePort } from '../fixtures/free-port.ts';
import { NatsServer, noNatsServer } from '../fixtures/nats-server.ts';
import { until } from '../fixtures/processes.ts';

describe('what a campaign says to whoever uses it otherwise than it is meant', { skip: noNatsServer }, () => {
  let program = '';
  let server: NatsServer;
  before(async () => {
    program = await fixtureExecutable();
    server = await NatsServer.start();
  });
  after(() => server.end());

  const queue = (name: string): string => `${server.address}/${name}`;
  const call = (words: readonly string[], folder = emptyFolder(), more = {}): Promise<Ended> =>
    start(program, words, folder, { FIXTURE: 'paced', ...more }).ended;

  it('merge, before the end: how far it is, and who is at work; forget: whom it would disturb', async () => {
    const environment = { JOBS: '200', JOB_MS: '40' };
    const member = startMember(program, 'lab1', queue('early'), environment);
    await until('it has begun', () => begunIn(member.folder).length > 30);
    const early = await mergeFrom(program, queue('early'), environment);
    assert.equal(early.code, 6, early.said);
    assert.match(early.said, /Missing {5}\d+ jobs?: \d/);
    assert.match(early.said, /\d+ of 200 jobs settled; at work: lab1; merge again when they are done/);
    assert.doesNotMatch(early.said, /rescue|N\/A/);
    const forgotten = await call(['forget', '--yes', queue('early')]);
    assert.equal(forgotten.code, 0, forgotten.stderr);
    assert.match(forgotten.stderr, /holds fixture as lab1 began it at \S+; \d+ of 200 jobs settled/);
    assert.match(forgotten.stderr, /At work: lab1\. They will begin it anew/);
    member.started.kill('SIGTERM');
    assert.equal((await endOf(member)).code, 5, member.started.heard());
    const folder = join(member.folder, 'fixture.lab1');
    const alone = await call(['merge', folder], emptyFolder(), environment);
    assert.equal(alone.code, 6);
    assert.match(alone.stderr, /machines took these jobs from a campaign/);
  });

  it('merge, with other settings: in what they differ', async () => {
    const environment = { JOBS: '10', JOB_MS: '0' };
    const member = startMember(program, 'a', queue('other'), environment);
    assert.equal((await endOf(member)).code, 0, member.started.heard());
    const merged = await mergeFrom(program, queue('other'), { ...environment, JOBS: '11' });
    assert.equal(merged.code, 4, merged.said);
    assert.match(merged.said, /number of jobs is 11 here, 10 in the campaign/);
    // Whoever merges begins nothing: the three files are not written where they are not.
    assert.doesNotMatch(merged.said, /Written to|Fill in/);
  });

  it('a start without --engine in the folder of a campaign: refused, and --fresh moves it aside', async () => {
    const environment = { JOBS: '10', JOB_MS: '0' };
    const folder = emptyFolder();
    writeFileSync(join(folder, 'machines.json'), '{"a": [1, 1], "b": [1, 1]}');
    const member = startMember(program, 'a', queue('left'), environment, [], folder);
    assert.equal((await endOf(member)).code, 0, member.started.heard());
    const words = ['--machine', 'a', '--yes'];
    const without = await call(words, folder, environment);
    assert.equal(without.code, 2, without.stderr);
    assert.match(without.stderr, /fixture\.a belongs to a campaign[\s\S]*--engine/);
    assert.equal((await call([...words, '--fresh'], folder, environment)).code, 0);
    // A machine that machines.json does not name.
    const other = startMember(program, 'late one', queue('left'), environment, [], folder);
    assert.equal((await endOf(other)).code, 0, other.started.heard());
    const unknown = await call(['--machine', 'late one', '--yes'], folder, environment);
    assert.equal(unknown.code, 2);
    assert.match(unknown.stderr, /belongs to a campaign: --engine/);
  });

  it('a start that its folder refuses begins no campaign', async () => {
    const folder = emptyFolder();
    const alone = await call(['--machine', 'N/A', '--yes'], folder, { JOBS: '3', JOB_MS: '0' });
    assert.equal(alone.code, 0, alone.stderr);
    const words = ['--machine', 'a', '--yes', '--out', 'fixture.all', '--engine', queue('refused')];
    const refused = await call(words, folder, { JOBS: '3', JOB_MS: '0' });
    assert.equal(refused.code, 2, refused.stderr);
    assert.match(refused.stderr, /fixture\.all holds the jobs of N\/A \(all jobs\), not a/);
    const status = await call(['status', queue('refused')]);
    assert.equal(status.code, 2, status.stdout);
    assert.match(status.stderr, /no campaign of fixture/);
  });

  it('other columns, whatever the code: no machine of other ones takes part, nor merges, nor begins one with rows of before', async () => {
    const environment = { JOBS: '6', JOB_MS: '0' };
    const renamed = { ...environment, NAMED: 'n,text,value' };
    const member = startMember(program, 'a', queue('columns'), environment);
    assert.equal((await endOf(member)).code, 0, member.started.heard());
    const words = /holds rows for the columns \["n","value","text"\]; the experiment now names \["n","text","value"\]/;
    const other = startMember(program, 'b', queue('columns'), renamed, ['--accept-code']);
    const refused = await endOf(other);
    assert.equal(refused.code, 4, refused.stderr);
    assert.match(refused.stderr, words);
    assert.match(refused.stderr, /name them as before to take part/);
    assert.deepEqual(begunIn(other.folder), []);
    const merged = await mergeFrom(program, queue('columns'), renamed);
    assert.equal(merged.code, 4, merged.said);
    assert.match(merged.said, words);
    assert.match(merged.said, /merge with a program that names the same/);
    const own = await endOf(startMember(program, 'a', queue('columns2'), renamed, ['--accept-code'], member.folder));
    assert.equal(own.code, 2, own.stderr);
    assert.match(own.stderr, words);
    assert.doesNotMatch(own.stderr, /--rerun-older-code/);
    assert.match((await call(['status', queue('columns2')])).stderr, /no campaign of fixture/);
    // Whoever names the same takes part.
    const third = await endOf(startMember(program, 'c', queue('columns'), environment, ['--accept-code']));
    assert.equal(third.code, 0, third.stderr);
  });

  it('status of several folders while a campaign goes on: its jobs count once', async () => {
    const environment = { JOBS: '300', JOB_MS: '30' };
    const folder = emptyFolder();
    const members = ['a', 'b'].map((name) => startMember(program, name, queue('sum'), environment, [], folder));
    await until('both have begun', () => begunIn(folder).length > 40);
    const said = JSON.parse((await call(['status', '--json'], folder, environment)).stdout);
    assert.deepEqual(
      said.folders.map(({ campaign, state }: Record<string, unknown>) => [campaign, state]),
      Array(2).fill([true, 'running']),
    );
    assert.equal(said.jobs.total, 300, JSON.stringify(said));
    for (const { started } of members) started.kill('SIGTERM');
    for (const member of members) assert.equal((await endOf(member)).code, 5, member.started.heard());
  });

  it('nobody is asked which machine this is where --yes says so: the host’s name', async () => {
    const folder = emptyFolder();
    writeFileSync(join(folder, 'machines.json'), '{"a": [1, 1], "b": [1, 1]}');
    const environment = { JOBS: '3', JOB_MS: '0', JOB_SPLITTER_ENGINE: queue('host') };
    const ended = await call(['--yes', '--cores', '1'], folder, environment);
    assert.equal(ended.code, 0, ended.stderr);
    assert.ok(ended.stderr.includes(`Machine     ${hostname()}, jobs from`), ended.stderr);
  });

  it('status of a campaign’s folder: what this machine did; the password that changed meanwhile', async () => {
    const changed = await NatsServer.start();
    const environment = { JOBS: '100', JOB_MS: '20' };
    try {
      const words = ['-o', 'run.server_wait=4s'];
      const members = ['a', 'b'].map((name) => startMember(program, name, changed.address, environment, words));
      await until('they have begun', () => members.every(({ folder }) => begunIn(folder).length > 10));
      await changed.kill();
      await changed.start({ password: 'another' });
      for (const { name, folder, started } of members) {
        const { code, stderr } = await started.ended;
        assert.equal(code, 5, stderr);
        assert.match(stderr, /it refuses these credentials; if it has new ones/);
        const status = await call(['status', '--json', `fixture.${name}`], folder, environment);
        const said = JSON.parse(status.stdout);
        const { done } = readSummary(join(folder, `fixture.${name}`)).jobs;
        assert.deepEqual([said.jobs.done, said.jobs.total], [done, done], status.stdout);
      }
    } finally {
      await changed.end();
    }
  });

  it('an address that is the name of a file', async () => {
    const folder = emptyFolder();
    writeFileSync(join(folder, 'engine.url'), `${server.address}\n`);
    const ended = await call(['--machine', 'a', '--yes', '--engine', 'engine.url'], folder);
    assert.equal(ended.code, 2);
    assert.match(ended.stderr, /engine\.url is a file[\s\S]*is @engine\.url meant\?/);
    for (const command of ['merge', 'status', 'forget']) {
      const said = await call([command, 'engine.url'], folder);
      assert.equal(said.code, 2, said.stderr);
      assert.match(said.stderr, /is @engine\.url meant\?/);
    }
    writeFileSync(join(folder, 'engine.url'), 'nats://user:secret.host:4222\n');
    const broken = await call(['status', '@engine.url'], folder);
    assert.equal(broken.code, 2);
    assert.match(
      broken.stderr,
      /^engine\.url: the address of the server cannot be read\n.*an @ stands before the host/,
    );
    assert.doesNotMatch(broken.stderr, /secret/);
  });

  it('serve, with a certificate that is not there', async () => {
    const folder = emptyFolder();
    const half = await call(['serve', '--tls-cert', 'server.pem'], folder);
    assert.deepEqual([half.code, half.stderr], [2, '--tls-cert and --tls-key go together.\n']);
    writeFileSync(join(folder, 'server.pem'), '');
    const missing = await call(['serve', '--tls-cert', 'server.pem', '--tls-key', 'server.key'], folder);
    assert.equal(missing.code, 2);
    assert.match(missing.stderr, /^There is no file server\.key: --tls-cert and --tls-key name/);
    assert.ok(!existsSync(join(folder, 'job-splitter.server')));
  });

  it('options in front of a command are not passed over', async () => {
    const ended = await call(['-o', 'run.retries=0', 'merge', 'x']);
    assert.equal(ended.code, 2);
    assert.match(ended.stderr, /-o stands in front of merge; it belongs behind it: merge -o …/);
    const other = await call(['--machine', 'a', 'forget', 'nats://x']);
    assert.equal(other.code, 2);
    assert.match(other.stderr, /--machine stands in front of forget; forget has no such option/);
  });

  it('a machine that is stopped while the server is away says what becomes of its results', async () => {
    const away = await NatsServer.start();
    const environment = { JOBS: '200', JOB_MS: '40' };
    try {
      const member = startMember(program, 'a', away.address, environment);
      await until('it has begun', () => begunIn(member.folder).length > 5);
      await away.kill();
      await until('it goes on', () => begunIn(member.folder).length > 10);
      member.started.kill('SIGTERM');
      const { code, stderr } = await endOf(member);
      assert.equal(code, 5, stderr);
      assert.match(stderr, /the server is away: waiting for it, at most 15 s/);
      assert.match(stderr, /did not take everything: .*start again to hand it in, or merge this folder, too/);
    } finally {
      await away.end();
    }
  });
});

describe('serve', { skip: noNatsServer }, () => {
  const path = { PATH: process.env.PATH ?? '' };
  const serve = async (folder: string, port: number, ...words: readonly string[]): Promise<Started> => {
    const all = ['serve', '--host', '127.0.0.1', '--port', String(port), ...words];
    return start(await fixtureExecutable(), all, folder, path);
  };

  it('does not serve a store twice', async () => {
    const folder = emptyFolder();
    const first = await serve(folder, await freePort());
    await until('it serves', () => /engine\.url/.test(first.heard()));
    const address = readFileSync(join(folder, 'engine.url'), 'utf8');
    const second = await (await serve(folder, await freePort())).ended;
    assert.equal(second.code, 7, second.stderr);
    assert.match(second.stderr, /is being served already, on .* by process \d+/);
    assert.equal(readFileSync(join(folder, 'engine.url'), 'utf8'), address);
    first.kill('SIGINT');
    assert.equal((await first.ended).code, 0, first.heard());
    // The address was mended by hand; a second server has another store and another file.
    const port = await freePort();
    const mended = address.replace('127.0.0.1', 'reachable.example').replace(/:\d+\n/, `:${port}\n`);
    writeFileSync(join(folder, 'engine.url'), mended);
    const [third, fourth] = [await serve(folder, port), await serve(folder, await freePort(), '--store', 'more')];
    for (const one of [third, fourth]) await until('it serves', () => /engine\.url/.test(one.heard()));
    assert.equal(readFileSync(join(folder, 'engine.url'), 'utf8'), mended);
    assert.match(fourth.heard(), /more\/engine\.url/);
    for (const one of [third, fourth]) {
      one.kill('SIGTERM');
      assert.equal((await one.ended).code, 0, one.heard());
    }
  });

  it('ends where another program has the port', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const folder = emptyFolder();
    const ended = await (await serve(folder, port)).ended;
    other.close();
    assert.equal(ended.code, 2, ended.stderr);
    assert.match(ended.stderr, /does not answer on port \d+; .*nats\.log says why: .*address already in use/);
    assert.ok(!existsSync(join(folder, 'engine.url')));
  });

  it('says so when its server ends by itself', async () => {
    const folder = emptyFolder();
    const serving = await serve(folder, await freePort());
    await until('it serves', () => /engine\.url/.test(serving.heard()));
    const log = readFileSync(join(folder, 'job-splitter.server', 'nats.log'), 'utf8');
    const [, pid] = /^\[(\d+)\]/.exec(log) ?? [];
    process.kill(Number(pid), 'SIGKILL');
    const { code, stderr } = await serving.ended;
    assert.equal(code, 1, stderr);
    assert.match(stderr, /nats-server has ended by itself \(signal SIGKILL\)/);
  });
});
