import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import test from 'node:test';
import { quoted, shellWord } from '../../src/lib/shellWord.ts';

test('a shell reads the word that was meant; a plain one stays plain', { skip: process.platform === 'win32' }, () => {
  assert.equal(shellWord('/home/me/k.yaml'), '/home/me/k.yaml');
  for (const word of ["/tmp/hö me's $HOME/`env.sh`", '', '~/k', 'a;b', 'a\\b', '*', '-n', 'a\nb', '#x']) {
    for (const form of [shellWord(word), quoted(word)])
      assert.equal(execFileSync('sh', ['-c', `printf %s ${form}x`], { encoding: 'utf8' }), `${word}x`);
  }
});
