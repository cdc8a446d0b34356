import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { after, before, suite, test } from 'node:test';
import { cleanUp } from './cleanUp.ts';
import { inFabric, until } from './commands.ts';
import { Fabric, type FabricFirewall } from './fabric.ts';
import type { Machine } from './machine.ts';
import { addressOf, allWhoAnswer, booted, machineOf, newState, reaches, serve, told, whoAnswers } from './trial.ts';

const numbers = [1, 2, 3];
const addresses = numbers.map(addressOf);
const balanced = '198.18.0.5';

const rule = (changes: Partial<FabricFirewall>): FabricFirewall => ({
  ...{ name: 'rule', priority: 1000, allow: true, protocols: [{ protocol: 'all', ports: [] }] },
  ...{ sources: ['10.0.0.0/8'], targets: addresses, ...changes },
});

suite('the fabric of the lab', { timeout: 180_000 }, () => {
  const state = newState();
  let fabric: Fabric;
  let [one, two, three]: Machine[] = [];
  const from = (): Machine => three!;

  before(async () => {
    await cleanUp(state);
    fabric = await Fabric.create();
    const machines = numbers.map((n) => machineOf(state, n));
    [one, two, three] = machines;
    await Promise.all(machines.map((machine) => machine.start()));
    await Promise.all(machines.map(booted));
    for (const machine of [one!, two!]) {
      // As Google's guest agent does on members.
      await told(machine, 'ip', 'route', 'replace', 'local', `${balanced}/32`, 'dev', 'eth0', 'proto', '66');
      await serve(machine, 80);
      await serve(machine, 81);
    }
  });

  after(async () => {
    await cleanUp(state);
    rmSync(state, { recursive: true, force: true });
  });

  const url = (ip: string, port = 80): string => `http://${ip}:${port}`;

  test('machines reach each other by firewall rules only', async () => {
    await fabric.setFirewalls([]);
    equal(await whoAnswers(from(), url(addressOf(1))), undefined);
    ok(await reaches(from(), '169.254.169.254'), 'the router is no machine');
    await fabric.setFirewalls([rule({ targets: [addressOf(1)] })]);
    equal(await whoAnswers(from(), url(addressOf(1))), 'machine-1');
    ok(!(await reaches(one!, addressOf(3))), 'only answers go the other way');
    await fabric.setFirewalls([rule({ targets: [addressOf(1)], sources: [`${addressOf(2)}/32`] })]);
    equal(await whoAnswers(from(), url(addressOf(1))), undefined);
    equal(await whoAnswers(two!, url(addressOf(1))), 'machine-1');
  });

  test('protocols and ports', async () => {
    const sources = ['10.0.0.0/8', '10.40.0.0/24', '0.0.0.0/0', '35.191.0.0/16']; // they overlap
    const protocols = [
      { protocol: 'tcp', ports: ['70-79', '81', '443'] },
      { protocol: 'udp', ports: [] },
    ];
    await fabric.setFirewalls([rule({ protocols, sources })]);
    equal(await whoAnswers(from(), url(addressOf(1), 80)), undefined);
    equal(await whoAnswers(from(), url(addressOf(1), 81)), 'machine-1');
    ok(!(await reaches(from(), addressOf(1))));
    await fabric.setFirewalls([
      rule({
        protocols: [
          { protocol: 'tcp', ports: ['70-80'] },
          { protocol: 'icmp', ports: [] },
        ],
      }),
    ]);
    equal(await whoAnswers(from(), url(addressOf(1), 80)), 'machine-1');
    equal(await whoAnswers(from(), url(addressOf(1), 81)), undefined);
    ok(await reaches(from(), addressOf(1)));
    const others = ['esp', 'ah', 'sctp', 'ipip', '6'].map((protocol) => ({ protocol, ports: [] }));
    await fabric.setFirewalls([rule({ protocols: others })]);
    equal(await whoAnswers(from(), url(addressOf(1), 81)), 'machine-1');
  });

  test('the lowest number decides, and of equals the denying one', async () => {
    const icmp = [{ protocol: 'icmp', ports: [] }];
    const deny = { allow: false, protocols: icmp };
    await fabric.setFirewalls([rule({}), rule(deny)]);
    ok(!(await reaches(from(), addressOf(1))));
    equal(await whoAnswers(from(), url(addressOf(1))), 'machine-1');
    await fabric.setFirewalls([rule({}), rule({ ...deny, priority: 1001 })]);
    ok(await reaches(from(), addressOf(1)));
    await fabric.setFirewalls([rule({}), rule({ ...deny, priority: 999 })]);
    ok(!(await reaches(from(), addressOf(1))));
  });

  test('the world outside is asked too, Google itself is not', async () => {
    await inFabric('ip', ['addr', 'add', '203.0.113.10/32', 'dev', 'lo']);
    const ask = (source: string): Promise<string> =>
      inFabric('curl', ['-s', '-m', '1', '--interface', source, url(addressOf(1))]).catch(() => 'nobody');
    await fabric.setFirewalls([rule({})]);
    equal(await ask('203.0.113.10'), 'nobody');
    equal(await ask('169.254.169.254'), 'machine-1');
    await fabric.setFirewalls([rule({ sources: ['203.0.113.0/24'] })]);
    equal(await ask('203.0.113.10'), 'machine-1');
  });

  test('pod ranges lead to their machine, and its firewall protects them', async () => {
    await told(two!, 'ip', 'address', 'add', '10.64.2.7/32', 'dev', 'lo');
    await fabric.setFirewalls([rule({ targets: [addressOf(2)] })]);
    ok(!(await reaches(from(), '10.64.2.7')));
    await fabric.setPodRanges(new Map([['10.64.2.0/24', addressOf(2)]]));
    ok(await reaches(from(), '10.64.2.7'));
    await fabric.setFirewalls([rule({ targets: [addressOf(1)] })]);
    ok(!(await reaches(from(), '10.64.2.7')));
    await fabric.setFirewalls([rule({})]);
    await fabric.setPodRanges(new Map([['10.64.2.0/24', addressOf(1)]]));
    ok(!(await reaches(from(), '10.64.2.7')), 'the range has moved');
    await fabric.setPodRanges(new Map());
    equal(await inFabric('ip', ['route', 'show', '10.64.2.0/24']), '');
  });

  test('a balanced address is answered by its members, and by no one else', async () => {
    await fabric.setFirewalls([rule({})]);
    const members = (...ips: string[]): Promise<void> => fabric.setBalanced([{ ip: balanced, members: ips }]);
    await members(addressOf(1), addressOf(2));
    deepEqual(await allWhoAnswer(from(), url(balanced)), ['machine-1', 'machine-2']);
    await members(addressOf(2));
    deepEqual(await allWhoAnswer(from(), url(balanced)), ['machine-2']);
    equal(await whoAnswers(one!, url(balanced)), 'machine-1', 'a machine with the local route reaches itself');
    await members(addressOf(1));
    deepEqual(await allWhoAnswer(from(), url(balanced)), ['machine-1']);
    await members();
    const nobody = await from().run(['curl', '--silent', '--show-error', '--max-time', '1', url(balanced)]);
    match(nobody.err, /timed out/);
    await members(addressOf(1), addressOf(2));
    deepEqual(await allWhoAnswer(from(), url(balanced)), ['machine-1', 'machine-2']);
    await fabric.setFirewalls([rule({ targets: [addressOf(1)] })]);
    deepEqual(
      await allWhoAnswer(from(), url(balanced)),
      ['machine-1', undefined],
      'the firewall of a member protects it',
    );
    await fabric.setBalanced([]);
    equal(await inFabric('ip', ['route', 'show', balanced]), '');
  });

  test('a connection keeps its machine when others come and go', async () => {
    await fabric.setFirewalls([rule({})]);
    await fabric.setBalanced([{ ip: balanced, members: [addressOf(1)] }]);
    // Connections opened before and after the change; http.client would open a new one if the old one is closed.
    const client = `import http.client, os
connections = [http.client.HTTPConnection("${balanced}", timeout=3) for _ in range(16)]
def ask(c):
    c.request("GET", "/")
    return c.getresponse().read().decode(), c.sock.getsockname()
before = [ask(c) for c in connections]
os.mkfifo("/run/go")
open("/run/go").read()
print(before == [ask(c) for c in connections], *{name for name, _ in before})`;
    const asked = told(from(), 'python3', '-c', client);
    await until(
      'the connections are there',
      20_000,
      async () => (await from().run(['test', '-p', '/run/go'])).code === 0,
    );
    // Also of a member that leaves: its connections drain.
    await fabric.setBalanced([{ ip: balanced, members: [addressOf(2)] }]);
    await told(from(), 'sh', '-c', 'echo > /run/go');
    equal(await asked, 'True machine-1');
  });

  test('a member without power stays a member until somebody says so', async () => {
    await fabric.setFirewalls([rule({})]);
    await fabric.setBalanced([{ ip: balanced, members: [addressOf(1), addressOf(2)] }]);
    await two!.powerCut();
    deepEqual(await allWhoAnswer(from(), url(balanced)), ['machine-1', undefined]);
    await two!.start();
    await booted(two!);
  });

  test('nothing passes to or from a machine that is cut off', async () => {
    await fabric.setFirewalls([rule({})]);
    await told(one!, 'ip', 'address', 'add', '10.64.1.7/32', 'dev', 'lo');
    await fabric.setPodRanges(new Map([['10.64.1.0/24', addressOf(1)]]));
    ok(await reaches(from(), '10.64.1.7'));
    await fabric.setCut([addressOf(1)]);
    for (const ip of [addressOf(1), '10.64.1.7']) ok(!(await reaches(from(), ip)), ip);
    ok(await reaches(from(), '169.254.169.254'));
    await rejects(inFabric('curl', ['-s', '-m', '1', url(addressOf(1))]), /ended with 28/);
    await fabric.setCut([]);
    ok(await reaches(from(), '10.64.1.7'));
  });

  test('to and from: a datagram needs no answer', async () => {
    await fabric.setFirewalls([rule({})]);
    type Run = (program: string, words: readonly string[]) => Promise<string>;
    const on =
      (machine: Machine): Run =>
      (program, words) =>
        told(machine, program, ...words);
    const pairs: readonly (readonly [Machine, Run, string])[] = [
      [one!, on(from()), addressOf(3)],
      [from(), on(one!), addressOf(1)],
      [one!, inFabric, '169.254.169.254'],
    ];
    for (const [sender, hearer, ip] of pairs) {
      const hear =
        'import socket; s = socket.socket(type=socket.SOCK_DGRAM); s.bind(("", 9)); print(s.recv(9).decode())';
      const heard = hearer('python3', ['-c', hear]);
      await until('somebody hears', 20_000, async () => (await hearer('ss', ['-Huln', 'sport', '9'])) !== '');
      const send = (text: string): Promise<string> => told(sender, 'bash', '-c', `echo -n ${text} > /dev/udp/${ip}/9`);
      await fabric.setCut([addressOf(1)]);
      await send('cut');
      await fabric.setCut([]);
      await send('open');
      equal((await heard).trim(), 'open');
    }
  });
});
