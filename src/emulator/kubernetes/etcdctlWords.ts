/** Output and exit code of a command. */
export interface Printed {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number;
}

/** Success. */
export const printed = (stdout: string): Printed => ({ stdout, stderr: '', code: 0 });

/** Failure; etcdctl exits with 1, and with 128 for invalid arguments (its cobrautl.ExitBadArgs). */
export const etcdctlError = (stderr: string, code = 1): Printed => ({ stdout: '', stderr, code });

/** An etcd error as etcdctl prints it: a line of its client's log, then the error itself. */
export const rpcRefused = (code: string, message: string, said = message): Printed =>
  etcdctlError(
    `{"level":"warn","logger":"etcd-client","msg":"retrying of unary invoker failed","attempt":0,"error":"rpc error: code = ${code} desc = ${message}"}\nError: ${said}\n`,
  );

/** etcdctl's error after its command timeout of 5 s. */
export const deadline = rpcRefused('DeadlineExceeded', 'context deadline exceeded');

/** A parsed command line. */
export interface EtcdctlArguments {
  readonly verb: string;
  /** Arguments after the verb. */
  readonly args: readonly string[];
  readonly format: string;
  readonly cluster: boolean;
  readonly learner: boolean;
  readonly peerUrls: string;
  readonly endpoints: readonly string[];
}

const takesValue =
  /^(--(endpoints|cacert|cert|key|write-out|command-timeout|dial-timeout|peer-urls|consistency|user|password)|-w)$/;

/** Reads flags in both spellings, `--flag value` and `--flag=value`. */
export const readArguments = (line: readonly string[]): EtcdctlArguments => {
  const flag = (...names: string[]): string | undefined => {
    for (const [i, arg] of line.entries()) {
      if (names.includes(arg)) return line[i + 1];
      const name = names.find((n) => arg.startsWith(`${n}=`));
      if (name !== undefined) return arg.slice(name.length + 1);
    }
    return undefined;
  };
  const isSet = (name: string): boolean => line.includes(name) || line.includes(`${name}=true`);
  const bare = line.filter((arg, i) => !arg.startsWith('-') && !takesValue.test(line[i - 1] ?? ''));
  const length = ['member', 'endpoint', 'alarm'].includes(bare[0] ?? '') ? 2 : 1;
  return {
    verb: bare.slice(0, length).join(' '),
    args: bare.slice(length),
    format: flag('-w', '--write-out') ?? 'simple',
    cluster: isSet('--cluster'),
    learner: isSet('--learner'),
    peerUrls: flag('--peer-urls') ?? '',
    endpoints: (flag('--endpoints') ?? 'https://127.0.0.1:2379').split(','),
  };
};
