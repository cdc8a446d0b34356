import { invalid } from '../lib/operatorError.ts';

/** The article's lines as pasted, parsed: which script, with which variables. */
export interface PastedExports {
  readonly script: 'kube-up' | 'kube-down';
  readonly env: Readonly<Record<string, string>>;
}

const word = /([A-Za-z_][A-Za-z0-9_]*)=("[^"]*"|'[^']*'|[^\s;]*)|(\S+)/g;
const scripts = /(?:^|\/)kube-(up|down)(?:\.sh)?$/;

/**
 * Parses `export A=b`, `A=b C=d ./cluster/kube-up.sh`, and the like. Nothing is executed: words that are neither an
 * assignment nor one of the two scripts are rejected, so that the user sees what was not understood.
 */
export const readExports = (text: string): PastedExports => {
  const env: Record<string, string> = {};
  let script: PastedExports['script'] | undefined;
  for (const [, name, value, other] of text.matchAll(word)) {
    if (name !== undefined) env[name] = unquoted(value ?? '');
    else if (other !== undefined && !['export', ';', '\\', '&&', '$', 'trizone', 'npx'].includes(other)) {
      const found = scripts.exec(other.replace(/;$/, ''))?.[1];
      if (found === undefined)
        throw invalid(
          `Unexpected input: ${other}`,
          'Paste lines such as KUBE_GCE_ZONE=europe-west1-b ./cluster/kube-up.sh',
        );
      script = found === 'up' ? 'kube-up' : 'kube-down';
    }
  }
  if (Object.keys(env).length === 0)
    throw invalid('No variables found', 'Paste lines such as KUBE_GCE_ZONE=europe-west1-b ./cluster/kube-up.sh');
  return { script: script ?? 'kube-up', env };
};

const unquoted = (value: string): string => /^(["'])(.*)\1$/.exec(value)?.[2] ?? value;
