import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import fc from 'fast-check';
import type { Role } from '../../src/boot/config.ts';
import { bootMetadata } from '../../src/boot/metadata.ts';
import { startupScript } from '../../src/boot/script.ts';
import { bootSteps, stepsOf } from '../../src/boot/steps.ts';
import { golden } from '../support/golden.ts';
import { bootConfigFor } from '../support/guestWorld.ts';
import { hostileConfig } from '../support/hostileConfig.ts';

const roles: readonly Role[] = ['first', 'replica', 'node'];

/** Scripts and programs that the startup script writes to files, by their here-document tag. */
const embedded = (tag: string): string[] =>
  [...startupScript().matchAll(new RegExp(`<<'${tag}'[^\\n]*\\n([\\s\\S]*?)\\n${tag}\\n`, 'g'))].map((m) => m[1] ?? '');

const withFile = (text: string, use: (path: string) => void): void => {
  const folder = mkdtempSync(join(tmpdir(), 'trizone-boot-'));
  try {
    writeFileSync(join(folder, 'text'), text);
    use(join(folder, 'text'));
  } finally {
    rmSync(folder, { recursive: true });
  }
};

const missing = (program: string, ...args: string[]): string | false => {
  try {
    execFileSync(program, args, { stdio: 'ignore' });
    return false;
  } catch {
    return process.env.CI === 'true' ? false : `${program} is not installed`;
  }
};

test('the startup script is the one that was reviewed', () => {
  golden('startup.sh', startupScript());
});

test('the startup script is the same text whatever the configuration holds', () => {
  fc.assert(
    fc.property(hostileConfig, (config) => {
      assert.equal(bootMetadata(config)['startup-script'], startupScript());
    }),
  );
});

test('every role walks its steps in the order of the list', () => {
  for (const role of roles) {
    const line = new RegExp(`^  ${role}\\) set -- (.*) ;;$`, 'm').exec(startupScript())?.[1];
    assert.deepEqual(
      line?.split(' '),
      stepsOf(role).map((s) => s.id),
    );
  }
  for (const { id } of bootSteps) assert.match(startupScript(), new RegExp(`^step_${id}\\(\\) \\{$`, 'm'));
});

test('the alias range is freed before anything else, and the own API server answers before "joined" and before publishing', () => {
  for (const role of roles) assert.equal(stepsOf(role)[0]?.id, 'guest-agent');
  const ids = stepsOf('first').map((s) => s.id);
  assert.ok(ids.indexOf('pki') < ids.indexOf('init') && ids.indexOf('endpoint-route') < ids.indexOf('init'));
  assert.ok(ids.indexOf('init') < ids.indexOf('serving') && ids.indexOf('serving') < ids.indexOf('publish'));
});

test('bash accepts the script and every script in it', () => {
  for (const script of [startupScript(), ...embedded('SH')]) {
    withFile(script, (path) => execFileSync('bash', ['-n', path]));
  }
  assert.equal(embedded('SH').length, 4);
});

test(
  'shellcheck finds nothing in the script and every script in it',
  { skip: missing('shellcheck', '--version') },
  () => {
    for (const script of [startupScript(), ...embedded('SH')]) {
      withFile(script, (path) => execFileSync('shellcheck', ['--shell=bash', path], { stdio: 'inherit' }));
    }
  },
);

test('python accepts the tool', { skip: missing('python3', '--version') }, () => {
  const [tool = ''] = embedded('PY');
  withFile(tool, (path) =>
    execFileSync('python3', ['-c', 'import ast, sys; ast.parse(open(sys.argv[1]).read())', path]),
  );
});

const secretLooking = /-----BEGIN|PRIVATE KEY|\b[a-z0-9]{6}\.[a-z0-9]{16}\b|Bearer [A-Za-z0-9]|ya29\.|"password"/;

test('no metadata item looks like a secret, none exceeds what Google allows', () => {
  for (const role of roles) {
    const items = bootMetadata(bootConfigFor(role));
    for (const [key, value] of Object.entries(items)) {
      assert.match(key, /^[a-zA-Z0-9_-]{1,128}$/);
      assert.ok(Buffer.byteLength(value) < 256 * 1024, `${key} is too large`);
      assert.doesNotMatch(value, secretLooking, `${key} looks like a secret`);
    }
    assert.equal(items['enable-guest-attributes'], 'TRUE');
  }
});

test('the rule about secrets sees one', () => {
  for (const secret of [
    '-----BEGIN EC PRIVATE KEY-----',
    'token abcdef.0123456789abcdef',
    'Authorization: Bearer ya29.a0',
  ]) {
    assert.match(secret, secretLooking);
  }
});
