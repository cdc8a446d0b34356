import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import test from 'node:test';
import { temporaryFolder } from '../support/engineWorld.ts';

const program = resolve('dist/cli.js');

/** Completions that a shell proposes for a partly typed line, through its own completion where that can be driven. */
const shells = {
  bash: (words: readonly string[]) => `. <(trizone completion bash)
    COMP_WORDS=(${words.map((w) => `'${w}'`).join(' ')}); COMP_CWORD=${words.length - 1}
    $(complete -p trizone | sed 's/.*-F \\([^ ]*\\).*/\\1/') 2>/dev/null; printf '%s\\n' "\${COMPREPLY[@]}"`,
  zsh: (words: readonly string[]) => `autoload -U compinit; compinit -u -d "$ZDOTDIR/dump"; . <(trizone completion zsh)
    compadd() { print -rl -- "\${@:2}" }; _files() { print -rl -- *(N) }
    words=(${words.map((w) => `'${w}'`).join(' ')}); CURRENT=${words.length}; \${_comps[trizone]}`,
  fish: (words: readonly string[]) => `trizone completion fish | source; complete -C '${words.join(' ')}'`,
} as const;

for (const [shell, script] of Object.entries(shells)) {
  const isThere = spawnSync(shell, ['--version']).status === 0;
  test(`${shell} completes commands, options, and files`, { skip: isThere ? false : `no ${shell}` }, (t) => {
    const folder = temporaryFolder(t);
    const bin = join(folder, 'bin');
    mkdirSync(bin);
    writeFileSync(join(bin, 'trizone'), `#!/bin/sh\nexec '${process.execPath}' '${program}' "$@"\n`);
    chmodSync(join(bin, 'trizone'), 0o755);
    writeFileSync(join(folder, 'own.conf'), '');
    const env = {
      ...process.env,
      HOME: folder,
      ZDOTDIR: folder,
      TRIZONE_STATE: folder,
      PATH: `${bin}:${process.env.PATH ?? ''}`,
    };
    const proposed = (...words: string[]): string[] =>
      execFileSync(shell, ['-c', script(['trizone', ...words])], {
        env,
        cwd: folder,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      })
        .split('\n')
        .filter((line) => line !== '');
    assert.deepEqual(proposed('pool', 're').sort(), ['remove', 'resize']);
    assert.deepEqual(proposed('up', '--ma').sort(), ['--machine-type', '--master-type']);
    assert.deepEqual(proposed('status', '--json', '--clu'), ['--cluster']);
    assert.ok(proposed('kubeconfig', '--file', 'own').some((line) => line.includes('own.conf')));
  });
}
