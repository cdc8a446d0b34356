import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import test from 'node:test';
import { OperatorError } from '../../src/lib/operatorError.ts';
import { asItIs, plain, secret, writePersonFile, type Permissions } from '../../src/lib/personFile.ts';
import { everyFault, onBadDisk, type Tried } from '../support/badDisk.ts';
import { temporaryFolder } from '../support/engineWorld.ts';

const put = (file: string, text: string, may: Permissions = asItIs): void =>
  writePersonFile(' the file', file, text, may, 'Name another.');

const modeOf = (file: string): number => statSync(file).mode & 0o777;

const beside = (file: string): string[] => readdirSync(dirname(file)).filter((name) => name !== basename(file));

test('the mode of a file stays; where only its owner may read it, it is narrowed, in place too', (t) => {
  const folder = temporaryFolder(t);
  const cases: [Permissions, number | undefined, number][] = [
    [asItIs, undefined, 0o600],
    [asItIs, 0o640, 0o640],
    [asItIs, 0o644, 0o644],
    [secret, undefined, 0o600],
    [secret, 0o644, 0o600],
    [secret, 0o666, 0o600],
    [plain, 0o600, 0o600],
  ];
  for (const [n, [may, before, after]] of cases.entries()) {
    for (const names of [1, 2]) {
      const file = join(folder, `${n}-${names}`);
      if (before !== undefined) {
        writeFileSync(file, 'old');
        chmodSync(file, before);
        if (names === 2) linkSync(file, `${file}-too`);
      }
      put(file, 'new', may);
      assert.equal(modeOf(file), after, `case ${n}`);
      if (before !== undefined && names === 2) assert.equal(readFileSync(`${file}-too`, 'utf8'), 'new');
    }
  }
});

test('links are followed, over several, relative ones and ones to nothing too; those in a circle are named', (t) => {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, 'a'));
  symlinkSync('a', join(folder, 'way'));
  symlinkSync('../b/real', join(folder, 'a', 'second'));
  symlinkSync('way/second', join(folder, 'first'));
  put(join(folder, 'first'), 'one');
  assert.equal(readFileSync(join(folder, 'b', 'real'), 'utf8'), 'one');
  put(join(folder, 'first'), 'two');
  assert.equal(readFileSync(join(folder, 'b', 'real'), 'utf8'), 'two');
  for (const link of ['first', 'a/second']) assert.ok(lstatSync(join(folder, link)).isSymbolicLink(), link);
  symlinkSync('circle', join(folder, 'circle'));
  assert.throws(() => put(join(folder, 'circle'), 'x'), {
    code: 'invalid-input',
    message: /circle, too many levels of symbolic links/,
  });
});

test('a folder is refused in words, and what is no file is written to, not replaced', (t) => {
  const folder = temporaryFolder(t);
  assert.throws(() => put(folder, 'x'), {
    code: 'invalid-input',
    message: `Cannot write the file: ${folder}, is a folder`,
    remedy: 'Name another.',
  });
  put('/dev/null', 'x');
  assert.ok(statSync('/dev/null').isCharacterDevice());
});

const long = (letter: string, length = 10_000): string => letter.repeat(length);

/** What a write on a disk that fails at each of its calls leaves of a file; `names`: 2 where it must be written in place. */
const atEveryCall = (
  folder: string,
  names: 1 | 2,
  length: number,
  check: (file: string, tried: Tried, how: string, lasts: boolean) => void,
): void => {
  let n = 0;
  const begin = (): string => {
    const file = join(folder, `${n++}`, 'file');
    mkdirSync(dirname(file));
    writeFileSync(file, long('o'), { mode: 0o640 });
    if (names === 2) linkSync(file, `${dirname(file)}.second`);
    return file;
  };
  const work = (file: string) => () => put(file, long('n', length));
  const { calls, error } = onBadDisk(work(begin()));
  assert.equal(error, undefined);
  for (const { at, fault, lasts } of everyFault(calls)) {
    const file = begin();
    check(file, onBadDisk(work(file), at, fault, lasts), `${fault} ${lasts ? 'from' : 'at'} call ${at}`, lasts);
  }
};

test('a file that is replaced is the old or the new one, whatever fails', (t) => {
  atEveryCall(temporaryFolder(t), 1, 20_000, (file, { error }, how, lasts) => {
    const text = readFileSync(file, 'utf8');
    assert.ok([long('o'), long('n', 20_000)].includes(text), how);
    if (error === undefined) assert.equal(text, long('n', 20_000), how);
    else assert.ok(OperatorError.is(error) && error.message.includes(file), how);
    if (!lasts) assert.deepEqual(beside(file), [], how);
  });
});

for (const length of [20_000, 10_000, 500]) {
  test(`a file that is written in place is the old or the new one, or what it was lies beside it (${length} bytes)`, (t) => {
    atEveryCall(temporaryFolder(t), 2, length, (file, { error }, how, lasts) => {
      const text = readFileSync(file, 'utf8');
      const whole = [long('o'), long('n', length)].includes(text);
      if (error === undefined) assert.equal(text, long('n', length), how);
      else assert.ok(OperatorError.is(error) && error.message.includes(file), how);
      if (!lasts) assert.ok(whole, how);
      if (whole) return;
      const [copy = ''] = beside(file);
      assert.equal(readFileSync(join(dirname(file), copy), 'utf8'), long('o'), how);
      assert.ok(OperatorError.is(error, 'disk') && error.remedy?.includes(copy) === true, how);
    });
  });
}

test('where a rename cannot be, the file is written in place, and nothing is left beside it', (t) => {
  for (const code of ['EBUSY', 'EXDEV', 'EPERM', 'EROFS'] as const) {
    const file = join(temporaryFolder(t), 'file');
    writeFileSync(file, 'old');
    const { ino } = statSync(file);
    const tried = onBadDisk(() => put(file, 'new'), 1, code, false, 'renameSync');
    assert.equal(tried.error, undefined, code);
    assert.equal(readFileSync(file, 'utf8'), 'new');
    assert.equal(statSync(file).ino, ino);
    assert.deepEqual(beside(file), []);
  }
  const fresh = join(temporaryFolder(t), 'file');
  assert.notEqual(onBadDisk(() => put(fresh, 'new'), 1, 'EROFS', false, 'renameSync').error, undefined);
  assert.ok(!existsSync(fresh));
});

test(
  'a pipe behind /dev/stdout is written to, not what its link seems to lead to',
  { skip: process.platform !== 'linux' && 'needs /proc' },
  () => {
    const lib = join(import.meta.dirname, '..', '..', 'src', 'lib', 'personFile.ts');
    const script = `import { secret, writePersonFile } from ${JSON.stringify(lib)};
    writePersonFile('', '/dev/stdout', 'whole', secret, 'Name another.');`;
    const { stdout, stderr } = spawnSync(
      'sh',
      ['-c', '"$@" | cat', 'sh', process.execPath, '--input-type=module', '-e', script],
      {
        encoding: 'utf8',
        timeout: 60_000,
      },
    );
    assert.deepEqual([stdout, stderr], ['whole', '']);
  },
);
