import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { after, before, describe, it } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { begunIn, endOf, mergeFrom, reducedAlone, startMember } from '../fixtures/campaign-run.ts';
import { fixtureExecutable } from '../fixtures/executable.ts';
import { NatsServer, noNatsServer } from '../fixtures/nats-server.ts';
import { until } from '../fixtures/processes.ts';

/** Hosts of their own on this machine: network namespaces, joined by a bridge in another one. */
const hosts = ['server', 'lab1', 'lab2'];
const nameOf = (host: string): string => `js${process.pid}${host}`;
const hub = nameOf('hub');
const addressOf = (host: string): string => `10.77.0.${1 + hosts.indexOf(host)}`;

function ip(...words: readonly string[]): boolean {
  return spawnSync('ip', words, { stdio: 'ignore' }).status === 0;
}

/** Where an address of this range is in use, or no namespace can be made, there is nothing to try. */
function buildHosts(): boolean {
  if (!ip('netns', 'add', hub) || !ip('-n', hub, 'link', 'add', 'bridge', 'type', 'bridge')) return false;
  ip('-n', hub, 'link', 'set', 'bridge', 'up');
  return hosts.every((host) => {
    const name = nameOf(host);
    return (
      ip('netns', 'add', name) &&
      ip('-n', hub, 'link', 'add', host, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name) &&
      ip('-n', hub, 'link', 'set', host, 'master', 'bridge', 'up') &&
      ip('-n', name, 'addr', 'add', `${addressOf(host)}/24`, 'dev', 'eth0') &&
      ip('-n', name, 'link', 'set', 'eth0', 'up') &&
      ip('-n', name, 'link', 'set', 'lo', 'up')
    );
  });
}

function removeHosts(): void {
  for (const name of [...hosts.map(nameOf), hub]) ip('netns', 'delete', name);
}

function whyNotHere(): string | false {
  if (noNatsServer !== false) return noNatsServer;
  if (!ip('-V')) return 'needs ip (Debian: iproute2)';
  if (process.getuid?.() !== 0) return 'needs root (hosts in network namespaces)';
  const can = buildHosts();
  removeHosts();
  return can ? false : 'needs the privilege to make network namespaces';
}

describe('a campaign whose network breaks', { skip: whyNotHere() }, () => {
  const within = (host: string): readonly string[] => ['ip', 'netns', 'exec', nameOf(host)];
  const path = { PATH: process.env.PATH ?? '' };
  let program = '';
  before(async () => {
    program = await fixtureExecutable();
    assert.ok(buildHosts());
  });
  after(removeHosts);

  it('the jobs of the machine that is cut off are taken over; it is fenced when the network is back; nothing counts twice', async () => {
    const environment = { ...path, JOBS: '160', JOB_MS: '60' };
    const flags = ['-o', 'run.lease=3', '-o', 'run.server_wait=2m'];
    const server = await NatsServer.start({
      host: addressOf('server'),
      within: within('server'),
      isUp: (port) => isListening(within('server'), addressOf('server'), port),
    });
    try {
      const [one, two] = ['lab1', 'lab2'].map((name) =>
        startMember(program, name, server.address, environment, flags, undefined, within(name)),
      );
      assert.ok(one !== undefined && two !== undefined);
      await until('both have begun', () => [one, two].every(({ folder }) => begunIn(folder).length > 8));
      assert.ok(ip('-n', hub, 'link', 'set', 'lab1', 'down'));
      const finished = await endOf(two);
      assert.equal(finished.code, 0, finished.stderr);
      await wait(1_000);
      assert.ok(ip('-n', hub, 'link', 'set', 'lab1', 'up'));
      const healed = await endOf(one);
      assert.equal(healed.code, 0, healed.stderr);
      assert.match(healed.stderr, /the server is not well/);
      const merged = await mergeFrom(program, server.address, environment, [], within('lab2'));
      assert.equal(merged.code, 0, merged.said);
      assert.doesNotMatch(merged.said, /Evidence/);
      assert.deepEqual(merged.reduced, await reducedAlone(program, environment));
      const begun = [one, two].flatMap(({ folder }) => begunIn(folder));
      assert.ok(begun.length - 160 <= 40, `${begun.length - 160} jobs ran twice`);
    } finally {
      await server.end();
    }
  });
});

function isListening(within: readonly string[], address: string, port: number): boolean {
  const [first = '', ...rest] = [...within, 'bash', '-c', `echo > /dev/tcp/${address}/${port}`];
  return spawnSync(first, rest, { stdio: 'ignore' }).status === 0;
}
